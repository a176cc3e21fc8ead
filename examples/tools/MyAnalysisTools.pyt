"""A toolbox as authors write them: one tool that measures what lies around parcels."""

import os

import arcpy


class Toolbox:
    def __init__(self):
        self.label = "My analysis tools"
        self.alias = "reports"
        self.tools = [MyCustomAnalysis]


class MyCustomAnalysis:
    def __init__(self):
        self.label = "My custom analysis"
        self.description = "Buffers parcels and reports their number and area."

    def getParameterInfo(self):
        parcels = arcpy.Parameter("in_parcels", "Parcels", "Input", "GPFeatureRecordSetLayer", "Required")
        parcels.filter.list = ["Polygon"]
        distance = arcpy.Parameter("distance", "Distance in feet", "Input", "GPDouble", "Optional")
        distance.value = 10
        name = arcpy.Parameter("report_name", "Name of the report", "Input", "GPString", "Required")
        report = arcpy.Parameter("report", "Report", "Output", "DEFile", "Derived")
        area = arcpy.Parameter("area", "Area of the buffers", "Output", "GPDouble", "Derived")
        return [parcels, distance, name, report, area]

    def execute(self, parameters, messages):
        parcels, distance, name = parameters[0].value, parameters[1].value, parameters[2].valueAsText
        around = arcpy.CreateUniqueName("around", arcpy.env.scratchGDB)
        arcpy.analysis.Buffer(parcels, around, f"{distance} Feet")
        count = int(arcpy.management.GetCount(around)[0])
        with arcpy.da.SearchCursor(around, ["SHAPE@AREA"]) as rows:
            area = sum(row[0] for row in rows)
        report = os.path.join(arcpy.env.scratchFolder, os.path.basename(name))
        with open(report, "w", encoding="utf-8") as file:
            file.write(f"{count} parcels, {area:.3f} square feet\n")
        messages.addMessage(f"{count} parcels")
        arcpy.SetParameterAsText(3, report)
        arcpy.SetParameter(4, area)
