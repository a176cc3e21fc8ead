# Stages to a file that exists: the script reads the messages and goes on.
import arcpy, os
arcpy.env.overwriteOutput = False
wrkspc = r"C:\Work"
aprx = arcpy.mp.ArcGISProject(os.path.join(wrkspc, "Town.aprx"))
m = aprx.listMaps()[0]
draft = m.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "Town", m.listLayers()[0])
sddraft = os.path.join(wrkspc, "Town.sddraft")
sd = os.path.join(wrkspc, "Town.sd")
draft.exportToSDDraft(sddraft)
arcpy.StageService_server(sddraft, sd)
try:
    arcpy.StageService_server(sddraft, sd)
except arcpy.ExecuteError:
    print("expected:", arcpy.GetMessages(2))
    arcpy.env.overwriteOutput = True
    arcpy.StageService_server(sddraft, sd)
arcpy.UploadServiceDefinition_server(in_sd_file=sd, in_server="https://gis.example.org/server/rest/services/",
                                     in_startupType="STARTED")
