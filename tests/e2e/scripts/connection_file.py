# A map service on a stand-alone server that a connection file names.
import os
import arcpy

root = r"C:\Work\Town"
ags = root + "\\" + "town_6080.ags"
service = "TownMap"
out = os.path.join(root, service)

aprx = arcpy.mp.ArcGISProject(root + "\\Town.aprx")
m = aprx.listMaps("Map")[0]

draft = arcpy.sharing.CreateSharingDraft("STANDALONE_SERVER", "MAP_SERVICE", service, m)
draft.targetServer = ags
draft.serverFolder = "Planning"
draft.copyDataToServer = True
draft.summary = "Town map"
draft.tags = "town"
draft.exportToSDDraft(out + ".sddraft")

arcpy.server.StageService(out + ".sddraft", out + ".sd")
print(arcpy.GetMessages(1))
arcpy.server.UploadServiceDefinition(out + ".sd", ags)
print("done")
