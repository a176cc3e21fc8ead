import xml.etree.ElementTree as ET

import geosharing as arcpy
import pytest
from geosharing.sharing import CreateSharingDraft, ImageSharingDraft

GRID = """ncols 4
nrows 2
xllcorner 100
yllcorner 200
cellsize 10
NODATA_value -9999
1 2 3 4
5 6 7 8
"""
PRJ = (
    'PROJCS["WGS_1984_UTM_Zone_33N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",'
    'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",15.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],'
    'UNIT["Meter",1.0]]'
)
LOCATOR = "CLSID = {AE5A3A0E}\nDescription = Streets of a town\nFields = Street\nFields = City\n"


@pytest.fixture
def heights(tmp_path):
    (tmp_path / "heights.asc").write_text(GRID)
    (tmp_path / "heights.prj").write_text(PRJ)
    return tmp_path / "heights.asc"


@pytest.fixture
def streets(tmp_path):
    (tmp_path / "streets.loc").write_text(LOCATOR)
    return tmp_path / "streets.loc"


def configured(path, key):
    root = ET.parse(path).getroot()
    place = "Configurations/SVCConfiguration/Definition/ConfigurationProperties/PropertyArray"
    return root.findtext(f"{place}/PropertySetProperty[Key='{key}']/Value")


def test_an_image_service_is_drafted_from_a_raster_file(heights, tmp_path):
    out = tmp_path / "heights.sddraft"
    found = arcpy.CreateImageSDDraft(
        str(heights), str(out), "Heights", summary="S", tags="a,b", folder_name="Dem"
    )
    assert found["errors"] == {}
    root = ET.parse(out).getroot()
    assert root.findtext("Configurations/SVCConfiguration/TypeName") == "ImageServer"
    assert root.findtext("Configurations/SVCConfiguration/ServiceFolder") == "Dem"
    assert root.findtext("Resources/SVCResource/OnPremisePath") == str(heights)
    assert root.findtext("ByReference") == "true"
    assert root.findtext("ItemInfo/SpatialReference/WKID") == "32633"
    assert [tag.text for tag in root.find("ItemInfo/Tags")] == ["a", "b"]
    assert configured(out, "Raster") == "heights.asc"
    assert configured(out, "EsriImageServiceSourceType") == "esriImageServiceSourceTypeRasterDataset"


def test_an_image_draft_has_typed_properties_under_both_spellings(heights, tmp_path):
    draft = CreateSharingDraft("STANDALONE_SERVER", "IMAGE_SERVICE", "Heights", str(heights))
    assert isinstance(draft, ImageSharingDraft)
    assert (draft.maxImageHeight, draft.allowFunction) == (4100, True)
    draft.allowCompressions = "jpeg,LERC"
    assert draft.allowedCompressions == draft.allowCompressions == "JPEG,LERC"
    draft.allowedMosaicMethods = ["Center", "None"]
    with pytest.raises(ValueError, match="from 0 to 100"):
        draft.defaultCompressionQuality = 101
    with pytest.raises(AttributeError, match="read-only"):
        draft.serverType = "FEDERATED_SERVER"
    draft.offline = True
    draft.exportToSDDraft(str(tmp_path / "a.sddraft"))
    assert configured(tmp_path / "a.sddraft", "AllowedCompressions") == "JPEG,LERC"
    assert configured(tmp_path / "a.sddraft", "AllowedMosaicMethods") == "Center,None"
    federated = CreateSharingDraft("FEDERATED_SERVER", "WEB_IMAGERY_LAYER", "Heights", str(heights))
    assert (federated.serverType, federated.serviceType) == ("FEDERATED_SERVER", "WEB_IMAGERY_LAYER")


def test_what_is_no_raster_is_named(tmp_path, heights):
    with pytest.raises(FileNotFoundError, match=r"none\.tif does not exist"):
        arcpy.CreateImageSDDraft(str(tmp_path / "none.tif"), str(tmp_path / "a.sddraft"), "X")
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(NotImplementedError, match="cannot be read as a raster"):
        arcpy.CreateImageSDDraft(str(tmp_path / "text.tif"), str(tmp_path / "a.sddraft"), "X")
    with pytest.raises(ValueError, match="is no server_type"):
        arcpy.CreateImageSDDraft(str(heights), str(tmp_path / "a.sddraft"), "X", "HOSTING_SERVER")
    with pytest.raises(ValueError, match="needs a connection_file_path"):
        arcpy.CreateImageSDDraft(str(heights), str(tmp_path / "a.sddraft"), "X", "FROM_CONNECTION_FILE")
    assert not (tmp_path / "a.sddraft").exists()


def test_a_geocode_service_is_drafted_from_a_locator(streets, tmp_path):
    out = tmp_path / "streets.sddraft"
    found = arcpy.CreateGeocodeSDDraft(
        str(streets).removesuffix(".loc"),
        str(out),
        "Streets",
        summary="S",
        tags="a",
        max_result_size=5,
        supported_operations=["geocode", "Suggest"],
        overwrite_existing_service=True,
    )
    assert found["errors"] == {}
    root = ET.parse(out).getroot()
    assert root.findtext("Configurations/SVCConfiguration/TypeName") == "GeocodeServer"
    assert root.findtext("Type") == "esriServiceDefinitionType_Replacement"
    assert root.findtext("ItemInfo/Description") == "Streets of a town"
    assert configured(out, "locator") == "streets"
    assert configured(out, "maxResultSize") == "5"
    info = "Configurations/SVCConfiguration/Definition/Info/PropertyArray/PropertySetProperty"
    assert root.findtext(f"{info}[Key='webCapabilities']/Value") == "Geocode,Suggest"


def test_what_is_no_locator_is_named(streets, tmp_path):
    out = str(tmp_path / "a.sddraft")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        arcpy.CreateGeocodeSDDraft(str(tmp_path / "none.loc"), out, "X")
    with pytest.raises(ValueError, match="lies in a geodatabase"):
        arcpy.CreateGeocodeSDDraft(str(tmp_path / "x.gdb" / "streets"), out, "X")
    with pytest.raises(ValueError, match=r"`FLY` is no operation .* `REVERSE_GEOCODE`"):
        arcpy.CreateGeocodeSDDraft(str(streets), out, "X", supported_operations="GEOCODE,fly")
    (tmp_path / "binary.loc").write_bytes(b"\0\1\2")
    with pytest.raises(NotImplementedError, match="is no text"):
        arcpy.CreateGeocodeSDDraft(str(tmp_path / "binary.loc"), out, "X")
