"""The data types of tool parameters: keywords, the names that dialogs show, and what they hold."""

from __future__ import annotations

import difflib
import re

from ..exceptions import InvalidInputError

__all__ = ["DATASETS", "display_name", "keyword"]

_NAMES = """
DEAddressLocator=Address Locator
DEArcInfoTable=ArcInfo Table
DEBandCollection=Raster Band Collection
DECadDrawingDataset=CAD Drawing Dataset
DECadastralFabric=Cadastral Fabric
DECatalogRoot=Catalog Root
DECoverage=Coverage
DECoverageFeatureClasses=Coverage Feature Class
DEDatasetType=Dataset
DEDbaseTable=dBASE Table
DEDiagramDataset=Diagram Dataset
DEDiskConnection=Disk Connection
DEFeatureClass=Feature Class
DEFeatureDataset=Feature Dataset
DEFile=File
DEFolder=Folder
DEGeodatasetType=Geodataset
DEGeoDatasetType=Geodataset
DEGeometricNetwork=Geometric Network
DEGlobeServer=Globe Server
DEGPServer=GP Server
DEImageServer=Image Service
DELasDataset=LAS Dataset
DELayer=Layer File
DEMapDocument=ArcMap Document
DEMapServer=Map Server
DEMosaicDataset=Mosaic Dataset
DENetworkDataset=Network Dataset
DEParcelDataset=Parcel Dataset
DEPrjFile=Projection File
DERasterBand=Raster Band
DERasterCatalog=Raster Catalog
DERasterDataset=Raster Dataset
DERelationshipClass=Relationship Class
DERemoteDatabaseFolder=Database Connections
DESchematicDataset=Schematic Dataset
DESchematicDiagram=Schematic Diagram
DESchematicDiagramClass=Schematic Diagram Class
DEServerConnection=Server Connection
DEShapeFile=Shapefile
DESpatialReferencesFolder=Coordinate Systems Folder
DETable=Table
DETerrain=Terrain
DETextFile=Text File
DETextfile=Text File
DETin=TIN
DETinDataset=TIN
DETool=Tool
DEToolbox=Toolbox
DETopology=Topology
DETraceNetwork=Trace Network
DEType=Data Element
DEUtilityNetwork=Utility Network
DEVPFCoverage=VPF Coverage
DEVPFTable=VPF Table
DEWCSCoverage=WCS Coverage
DEWMSMap=WMS Map
DEWorkspace=Workspace
Field=Field
GPAddressLocatorStyle=Address Locator Style
GPArcInfoItem=INFO Item
GPArealUnit=Areal Unit
GPBoolean=Boolean
GPBuildingDisciplineLayer=Building Discipline Layer
GPBuildingLayer=Building Scene Layer
GPCadastralFabricLayer=Cadastral Fabric Layer
GPCalculatorExpression=Calculator Expression
GPCatalogLayer=Catalog Layer
GPCellSizeXY=Cell Size XY
GPComposite=Composite
GPCoordinateSystem=Coordinate System
GPCoordinateSystemsFolder=Coordinate Systems Folder
GPDataFile=Data File
GPDate=Date
GPDiagramLayer=Diagram Layer
GPDouble=Double
GPEncryptedString=Encrypted String
GPEnvelope=Envelope
GPEvaluationScale=Evaluation Scale
GPExtent=Extent
GPExtractValues=Extract Values
GPFeatureLayer=Feature Layer
GPFeatureRecordSetLayer=Feature Set
GPFieldInfo=Field Info
GPFieldMapping=Field Mappings
GPGALayer=Geostatistical Layer
GPGAValueTable=Geostatistical Value Table
GPGraph=Graph
GPGraphDataTable=Graph Data Table
GPGraphicsLayer=Graphics Layer
GPGroupLayer=Group Layer
GPINFOExpression=INFO Expression
GPInternetTiledLayer=Internet Tiled Layer
GPKMLLayer=KML Layer
GPLasDatasetLayer=LAS Dataset Layer
GPLayer=Layer
GPLayout=Layout
GPLine=Line
GPLinearUnit=Linear Unit
GPLong=Long
GPMDomain=M Domain
GPMap=Map
GPMapServerLayer=Map Server Layer
GPMosaicLayer=Mosaic Layer
GPMultiValue=Multiple Value
GPNAHierarchySettings=Network Analyst Hierarchy Settings
GPNALayer=Network Analyst Layer
GPNetCDFDimension=NetCDF Dimension
GPNetworkDataSource=Network Data Source
GPNetworkDatasetLayer=Network Dataset Layer
GPParcelLayer=Parcel Fabric Layer
GPPoint=Point
GPPolygon=Polygon
GPQueryTable=Query Table
GPRandomNumberGenerator=Random Number Generator
GPRasterBuilder=Raster Builder
GPRasterCalculatorExpression=Raster Calculator Expression
GPRasterCatalogLayer=Raster Catalog Layer
GPRasterDataLayer=Raster Data Layer
GPRasterFormulated=Raster Formulated
GPRasterGeodata=Raster Geodata
GPRasterLayer=Raster Layer
GPRasterStatistics=Raster Statistics
GPRecordSet=Record Set
GPRelateExpression=Relate Expression
GPReport=Report
GPRoute=Route
GPRouteMeasureEventProperties=Route Measure Event Properties
GPSACellSize=Cell Size
GPSAExtractValues=Extract Values
GPSAFuzzyFunction=Fuzzy function
GPSAGDBEnvPyramid=Pyramid
GPSAGDBEnvStatistics=Statistics
GPSAGDBEnvTileSize=Tile Size
GPSAGeoData=Formulated Raster
GPSAGeoDataType=Formulated Raster
GPSAHorizontalFactor=Horizontal Factor
GPSANeighborhood=Neighborhood
GPSARadius=Radius
GPSARemap=Remap
GPSASemiVariogram=Semivariogram
GPSATimeConfiguration=Time Configuration
GPSATopoFeatures=Topo Features
GPSATransformationFunction=Transformation Function
GPSAVerticalFactor=Vertical Factor
GPSAWeightedOverlayTable=Weighted Overlay Table
GPSAWeightedSum=Weighted Sum
GPSQLExpression=SQL Expression
GPSceneServiceLayer=Scene Service Layer
GPSpatialReference=Spatial Reference
GPString=String
GPStringHidden=String Hidden
GPTable=Table
GPTableView=Table View
GPTerrainLayer=Terrain Layer
GPTimeUnit=Time Unit
GPTinLayer=TIN Layer
GPTopologyLayer=Topology Layer
GPTraceNetworkLayer=Trace Network Layer
GPType=Any Value
GPUtilityNetworkLayer=Utility Network Layer
GPValueTable=Value Table
GPVariant=Variant
GPVectorLayer=Vector Tile Layer
GPVoxelLayer=Voxel Layer
GPXYDomain=XY Domain
GPZDomain=Z Domain
Index=Index
NAClassFieldMap=Network Analyst Class FieldMap
NetworkTravelMode=Network Travel Mode
analysis_cell_size=Analysis Cell Size
cell_size_xy=Cell Size XY
env_cell_size=Cell Size
"""

_DISPLAY: dict[str, str] = dict(line.split("=") for line in _NAMES.split("\n") if line)
_KEYWORDS: dict[str, str] = {}
for _word, _name in _DISPLAY.items():
    _KEYWORDS[re.sub(r"\W|_", "", _word).lower()] = _word
    _KEYWORDS.setdefault(re.sub(r"\W|_", "", _name).lower(), _word)
_KEYWORDS.update(
    text="GPString",
    number="GPDouble",
    integer="GPLong",
    float="GPDouble",
    any="GPType",
    featureset="GPFeatureRecordSetLayer",
    gpfeatureset="GPFeatureRecordSetLayer",
    rasterdataset="DERasterDataset",
    sqlexpr="GPSQLExpression",
    mapdocument="DEMapDocument",
)

DATASETS = frozenset(
    word
    for word in _DISPLAY
    if word.startswith("DE")
    or word.endswith("Layer")
    or word in ("GPTableView", "GPRasterDataLayer", "GPDataFile", "GPTable")
)
"""Types whose values name data, files or folders."""


def keyword(datatype: str) -> str:
    """Return the keyword of a data type from its keyword or display name, in any case.

    Raises:
        InvalidInputError: there is no such type.
    """
    text = str(datatype).strip()
    known = _KEYWORDS.get(re.sub(r"\W|_", "", text).lower())
    if known:
        return known
    # Types of newer versions: their spelling is all that is needed here.
    if re.fullmatch(r"(?:GP|DE|NA)[A-Z]\w+", text):
        return text
    close = difflib.get_close_matches(text.lower(), [name.lower() for name in _DISPLAY.values()], 1)
    hint = f"; did you mean `{close[0]}`?" if close else "; pass `GPString`, `GPFeatureLayer`, `DEFile` ..."
    raise InvalidInputError(f"`{text}` is no datatype of a parameter{hint}")


def display_name(word: str) -> str:
    """Return what a dialog calls a data type; unknown keywords come back as they are."""
    return _DISPLAY.get(word, word)
