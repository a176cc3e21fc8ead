# Publishes all layers of the first map of the open project.
import arcpy
import os

outdir = r"C:\data\output"
service_name = "WebMapLayers"
sddraft_filename = service_name + ".sddraft"
sddraft_output_filename = os.path.join(outdir, sddraft_filename)
sd_filename = service_name + ".sd"
sd_output_filename = os.path.join(outdir, sd_filename)

arcpy.SignInToPortal('https://arcgis.com', 'user', 'password')

aprx = arcpy.mp.ArcGISProject('CURRENT')
m = aprx.listMaps()[0]
lyrs = []
for lyr in m.listLayers():
    if lyr.isFeatureLayer and not lyr.isBroken:
        lyrs.append(lyr)

sharing_draft = m.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", service_name, lyrs)
sharing_draft.summary = "My Summary"
sharing_draft.tags = "My Tags"
sharing_draft.description = "My Description"
sharing_draft.credits = "My Credits"
sharing_draft.useLimitations = "My Use Limitations"
sharing_draft.exportToSDDraft(sddraft_output_filename)

arcpy.StageService_server(sddraft_output_filename, sd_output_filename)

print("Uploading Service Definition")
arcpy.UploadServiceDefinition_server(sd_output_filename, "HOSTING_SERVER")
print("Uploaded")
