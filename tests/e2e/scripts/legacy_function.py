import arcpy
arcpy.env.overwriteOutput = True
prj = r'D:\Course\Part 3 - Services\Windmills.aprx'
out = r'D:\Course'
mp = arcpy.mp.ArcGISProject(prj).listMaps()[0]
sddraft = out + '\\Windmills.sddraft'
sd = out + '\\Windmills.sd'
arcpy.mp.CreateWebLayerSDDraft(mp, sddraft, 'Windmills', 'MY_HOSTED_SERVICES', 'FEATURE_ACCESS')
arcpy.StageService_server(sddraft, sd)
arcpy.UploadServiceDefinition_server(sd, 'My Hosted Services', in_override=True, in_public=True)
