"""What the system tools do, over sources, Arrow batches with shapely geometries, and writers.

The packages named as arcpy's toolboxes (`management`, `analysis`, `conversion`) only translate
parameters; everything here takes resolved sources and outputs. Needs `pip install geosharing[tools]`.
"""
