# -*- coding: utf-8 -*-
# Tuiles d'une carte, chemins joints a la main.
import arcpy
from atmo import connect

arcpy.SignInToPortal(connect.url_agol, connect.id_agol, connect.mdp_agol)
rep = connect.dir + '\\' + 'LILLE' + '\\' + '2018'
aprx = arcpy.mp.ArcGISProject(connect.dir + '\\' + 'LILLE.aprx')
for m in aprx.listMaps('LILLE_PM25_moy'):
    nom = m.name
    tuile = m.getWebLayerSharingDraft('HOSTING_SERVER', 'TILE', nom)
    tuile.summary = 'Concentrations moyennes'
    tuile.tags = 'air, PM2.5'
    tuile.credits = 'Atmo'
    tuile.copyDataToServer = True
    tuile.portalFolder = 'Atmo'
    tuile.overwriteExistingService = True
    sddraft = rep + '\\' + nom + '.sddraft'
    sd = rep + '\\' + nom + '.sd'
    tuile.exportToSDDraft(sddraft)
    arcpy.StageService_server(sddraft, sd)
    arcpy.UploadServiceDefinition_server(sd, 'My Hosted Services')
    print('publie :', nom)
