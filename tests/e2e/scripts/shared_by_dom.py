# Shares with everyone through the parallel lists of keys and values.
import arcpy, os
import xml.dom.minidom as DOM

outdir = r"C:\Project\Output"
service = "SharedByDom"
sddraft_output_filename = os.path.join(outdir, service + ".sddraft")
aprx = arcpy.mp.ArcGISProject(r"C:\Project\World.aprx")
m = aprx.listMaps("*")[0]
arcpy.SignInToPortal("https://www.arcgis.com", "MyUserName", "MyPassword")
sharing_draft = m.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", service)
sharing_draft.exportToSDDraft(sddraft_output_filename)

doc = DOM.parse(sddraft_output_filename)
keys = doc.getElementsByTagName("Key")
values = doc.getElementsByTagName("Value")
for i in range(keys.length):
    if keys[i].firstChild.nodeValue == "PackageUnderMyOrg":
        values[i].firstChild.nodeValue = "true"
    if keys[i].firstChild.nodeValue == "PackageIsPublic":
        values[i].firstChild.nodeValue = "true"

sddraft_mod_xml = service + "_mod_xml" + ".sddraft"
sddraft_mod_xml_file = os.path.join(outdir, sddraft_mod_xml)
f = open(sddraft_mod_xml_file, "w")
doc.writexml(f)
f.close()

sd_output_filename = os.path.join(outdir, service + ".sd")
try:
    arcpy.server.StageService(sddraft_mod_xml_file, sd_output_filename)
except Exception as stage_exception:
    print("Sddraft not staged. Analyzer errors encountered - {}".format(str(stage_exception)))
    raise
warnings = arcpy.GetMessages(1)
print(warnings)
arcpy.server.UploadServiceDefinition(sd_output_filename, "My Hosted Services")
