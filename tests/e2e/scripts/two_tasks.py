# Two results of system tools, one service of two tasks.
import os
import arcpy

arcpy.env.overwriteOutput = True
parcels = os.path.join("data", "parcels.gdb", "Parcel")
buffered = arcpy.analysis.Buffer(parcels, os.path.join(arcpy.env.scratchGDB, "around"), "40 Feet")
counted = arcpy.management.GetCount(buffered)

draft, definition = "tools.sddraft", "tools.sd"
found = arcpy.CreateGPSDDraft([buffered, counted], draft, "ParcelTools", "MY_HOSTED_SERVICES",
                              summary="Two tasks", tags="parcels", executionType="Asynchronous",
                              showMessages="Info")
assert not found["errors"], found["errors"]
arcpy.server.StageService(draft, definition)
arcpy.server.UploadServiceDefinition(definition, "MY_HOSTED_SERVICES")
print(buffered[0], counted[0])
