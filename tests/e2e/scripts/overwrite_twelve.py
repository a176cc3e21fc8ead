# Layers and tables, overwritten, uploaded with twelve positional arguments.
import arcpy
import os, sys

relPath = os.path.dirname(sys.argv[0])
projectPath = r"C:\SampleProject\SampleProject.aprx"
outPath = r"C:\Output"
sdname = "Sample Service"
arcpy.env.overwriteOutput = 1
project = arcpy.mp.ArcGISProject(projectPath)
m = project.listMaps()[0]
things = []
for lyr in m.listLayers():
    if lyr.supports("DATASOURCE") and lyr.isFeatureLayer:
        things.append(lyr)
for tbl in m.listTables():
    things.append(tbl)
for attempt in range(2):
    draft = m.getWebLayerSharingDraft(server_type="HOSTING_SERVER", service_type="FEATURE",
                                      service_name="Sample_Service", layers_and_tables=things)
    draft.overwriteExistingService = "true"
    draft.copyDataToServer = True
    draft.portalFolder = "Town maps"
    sddraft = os.path.join(outPath, sdname + ".sddraft")
    sd = os.path.join(outPath, sdname + ".sd")
    if os.path.exists(sddraft):
        os.remove(sddraft)
    draft.exportToSDDraft(sddraft)
    if arcpy.Exists(sd):
        arcpy.management.Delete(sd)
    arcpy.server.StageService(sddraft, sd)
    result = arcpy.server.UploadServiceDefinition(sd, "My Hosted Services", "", "", "", "", "", "OVERRIDE_DEFINITION", "SHARE_ONLINE", "PRIVATE", "SHARE_ORGANIZATION", "")
    print(result[3], result[5], result.status, result.getMessages(1))
for i in range(result.outputCount):
    print("Output {}: {}".format(i, result.getOutput(i)))
