# Changes the map before publishing it: visibility, definition query, a layer less.
import arcpy, os
scratch = arcpy.env.scratchFolder
aprx = arcpy.mp.ArcGISProject("CURRENT")
m = aprx.listMaps()[0]
lyr = [l for l in m.listLayers() if l.isFeatureLayer][0]
lyr.transparency = 40
lyr.visible = True
m.removeLayer([l for l in m.listLayers() if l.isFeatureLayer][-1])
aprx.saveACopy(os.path.join(scratch, "copy.aprx"))
m2 = arcpy.mp.ArcGISProject(os.path.join(scratch, "copy.aprx")).listMaps(m.name)[0]
draft = m2.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", "EditedMap")
draft.sharing.sharingLevel = "EVERYONE"
draft.featureCapabilities = "Query,Extract"
draft.maxRecordCount = 500
draft.exportToSDDraft(os.path.join(scratch, "edited.sddraft"))
out = arcpy.server.StageService(os.path.join(scratch, "edited.sddraft"))
arcpy.server.UploadServiceDefinition(out.getOutput(0), "HOSTING_SERVER")
arcpy.AddMessage("done")
