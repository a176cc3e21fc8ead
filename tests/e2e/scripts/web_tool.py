# From a tool that ran to a web tool, in the form of the documentation's example.
import arcpy

toolbox = "c:/gis/gp/MyAnalysisTools.pyt"
sddraft = "c:/gis/gp/drafts/AnalysisReport.sddraft"
sd = "c:/gis/gp/sd/AnalysisReport.sd"
serviceName = "AnalysisReportService"

# Run the tool and keep its result
arcpy.ImportToolbox(toolbox)
result = arcpy.MyCustomAnalysis_reports("c:/gis/data/parcels.gdb/Parcel", "40", "MyOutput.txt")
print(result.getOutput(1))

arcpy.CreateGPSDDraft(
    result, sddraft, serviceName, server_type="MY_HOSTED_SERVICES",
    copy_data_to_server=True, folder_name=None,
    summary="Analysis Service", tags="gp", executionType="Synchronous",
    resultMapServer=False, showMessages="INFO", maximumRecords=5000,
    minInstances=2, maxInstances=3, maxUsageTime=100, maxWaitTime=10,
    maxIdleTime=180)

analyzeMessages = arcpy.mapping.AnalyzeForSD(sddraft)

if analyzeMessages['errors'] == {}:
    arcpy.StageService_server(sddraft, sd)
    arcpy.UploadServiceDefinition_server(sd, "My Hosted Services")
else:
    print(analyzeMessages['errors'])
    raise SystemExit(1)
