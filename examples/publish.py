"""An ordinary arcpy script: it publishes every layer of a project and knows nothing of geosharing."""

import os
import sys

import arcpy

project, output, portal, username, password = sys.argv[1:6]
service = "AMC16"

arcpy.SignInToPortal(portal, username, password)
arcpy.env.overwriteOutput = True

# Reference the map to publish
aprx = arcpy.mp.ArcGISProject(project)
m = aprx.listMaps()[0]
layers = [lyr for lyr in m.listLayers() if lyr.isFeatureLayer and not lyr.isBroken]
tables = m.listTables()

# Create the sharing draft and set service properties
sharing_draft = m.getWebLayerSharingDraft("HOSTING_SERVER", "FEATURE", service, layers + tables)
sharing_draft.summary = "Parcel fabric of an assessor map"
sharing_draft.tags = "parcels, cadastre"
sharing_draft.description = "Points, lines, annotation and parcels that a CAD drawing became."
sharing_draft.credits = "Dr. Kostas Alexandridis, OCAMC (MIT)"
sharing_draft.allowExporting = True
sharing_draft.overwriteExistingService = True

# Write the service definition draft
sddraft = os.path.join(output, service + ".sddraft")
sharing_draft.exportToSDDraft(sddraft)

# Stage and upload it
sd = os.path.join(output, service + ".sd")
arcpy.server.StageService(sddraft, sd)
print("Uploading Service Definition...")
arcpy.server.UploadServiceDefinition(sd, "My Hosted Services")
print("Successfully uploaded service.")
