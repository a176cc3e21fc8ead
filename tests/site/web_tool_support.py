"""Services of tools for the tests: a toolbox, its description, and clients."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

from geosharing import _native
from geosharing.client import Portal

TOOLBOX = '''
import os, sys, time
import arcpy

CALLS = []


def parameter(name, datatype, direction="Input", kind="Required", many=False):
    return arcpy.Parameter(
        name=name, displayName=name.title(), datatype=datatype, direction=direction, parameterType=kind,
        multiValue=many,
    )


class Toolbox:
    label = "Tests"
    alias = "tests"

    def __init__(self):
        self.tools = [Noop, Echo, Rows, File, Bad, Work]


class Noop:
    def getParameterInfo(self):
        return [parameter("out", "GPString", "Output", "Derived")]

    def execute(self, parameters, messages):
        parameters[0].value = "done"


class Echo:
    def getParameterInfo(self):
        types = [("text", "GPString"), ("whole", "GPLong"), ("number", "GPDouble"), ("flag", "GPBoolean"),
                 ("day", "GPDate"), ("length", "GPLinearUnit"), ("area", "GPArealUnit")]
        found = [parameter(name, kind, kind="Optional") for name, kind in types]
        found.append(parameter("many", "GPString", kind="Optional", many=True))
        found += [parameter(f"out_{name}", kind, "Output", "Derived") for name, kind in types]
        found.append(parameter("out_many", "GPString", "Output", "Derived", many=True))
        return found

    def execute(self, parameters, messages):
        print("printed")
        messages.addMessage("said")
        arcpy.AddWarning("warned")
        for given, made in zip(parameters[:8], parameters[8:]):
            made.value = given.value if not given.multiValue else given.values


class Rows:
    def getParameterInfo(self):
        return [parameter("rows", "GPFeatureLayer"), parameter("table", "GPRecordSet", kind="Optional"),
                parameter("out_rows", "DEFeatureClass", "Output", "Derived"),
                parameter("count", "GPLong", "Output", "Derived")]

    def execute(self, parameters, messages):
        path = parameters[0].valueAsText
        assert path.startswith(arcpy.env.scratchFolder), path
        parameters[2].value = path
        parameters[3].value = int(arcpy.management.GetCount(path)[0])


class File:
    def getParameterInfo(self):
        return [parameter("text", "DEFile"), parameter("out_file", "DEFile", "Output", "Derived")]

    def execute(self, parameters, messages):
        with open(parameters[0].valueAsText) as source:
            text = source.read()
        path = os.path.join(arcpy.env.scratchFolder, "upper.txt")
        with open(path, "w") as target:
            target.write(os.path.basename(parameters[0].valueAsText) + ":" + text.upper())
        parameters[1].value = path


class Bad:
    def getParameterInfo(self):
        return [parameter("how", "GPString"), parameter("out", "GPLong", "Output", "Derived")]

    def execute(self, parameters, messages):
        how = parameters[0].valueAsText
        messages.addMessage("before " + how)
        if how == "raise":
            raise ValueError("deliberate")
        if how == "hang":
            time.sleep(3600)
        if how == "spin":
            while True:
                pass
        if how == "print":
            for _ in range(40_000):
                print("x" * 100)
            os.write(1, b"y" * 4_000_000)
        if how == "exit":
            sys.exit(3)
        if how == "memory":
            blocks = []
            while True:
                blocks.append(bytearray(64 << 20))
        if how == "leave":
            os._exit(7)
        if how == "crash":
            import ctypes
            ctypes.string_at(0)
        if how == "type":
            parameters[1].value = None
            parameters[1]._value = "no number"
            return
        if how == "child":
            import subprocess
            child = subprocess.Popen(["sleep", "3600"])
            messages.addMessage(f"pid {os.getpid()} {child.pid}")
            time.sleep(3600)
        if how == "protocol":
            os.write(1, b"{}\\n")
            print('{"id": "x", "event": "done"}')
        parameters[1].value = 1


class Work:
    """Busy for a while, for benchmarks and queues."""

    def getParameterInfo(self):
        return [parameter("seconds", "GPDouble"), parameter("out", "GPString", "Output", "Derived")]

    def execute(self, parameters, messages):
        end = time.perf_counter() + parameters[0].value
        while time.perf_counter() < end:
            pass
        parameters[1].value = arcpy.env.scratchFolder
'''
MANIFEST = (
    "<SVCManifest xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
    "xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:typens='http://www.esri.com/schemas/ArcGIS/3.3.0' "
    "xsi:type='typens:SVCManifest'><ByReference>false</ByReference><Type>esriServiceDefinitionType_New</Type>"
    "<State>esriSDState_Staged</State><ServerType>FullServer</ServerType></SVCManifest>"
)


def given(name, kind, requirement="required", **more):
    return {"name": name, "displayName": name.title(), "dataType": kind, "parameterType": requirement} | more


def made(name, kind):
    return {"name": name, "dataType": kind, "direction": "output", "parameterType": "derived"}


PLAIN = [
    ("text", "GPString"), ("whole", "GPLong"), ("number", "GPDouble"), ("flag", "GPBoolean"), ("day", "GPDate"),
    ("length", "GPLinearUnit"), ("area", "GPArealUnit"), ("many", "GPMultiValue:GPString"),
]  # fmt: skip
TASKS = {
    "Noop": [made("out", "GPString")],
    "Echo": [given(name, kind, "optional") for name, kind in PLAIN]
    + [made(f"out_{name}", kind) for name, kind in PLAIN],
    "Rows": [
        given("rows", "GPFeatureRecordSetLayer"),
        given("table", "GPRecordSet", "optional"),
        made("out_rows", "GPFeatureRecordSetLayer"),
        made("count", "GPLong"),
    ],
    "File": [given("text", "GPDataFile"), made("out_file", "GPDataFile")],
    "Bad": [given("how", "GPString"), made("out", "GPLong")],
    "Work": [given("seconds", "GPDouble"), made("out", "GPString")],
}


def definition(folder, name, toolbox=TOOLBOX, tasks=None, **configuration):
    """Write a service definition of the test toolbox and return its path."""
    package = folder / name
    (package / "p30").mkdir(parents=True)
    (package / "p30" / "tests.pyt").write_text(toolbox)
    described = [
        {"name": task, "toolbox": "tests.pyt", "tool": task, "parameters": parameters}
        for task, parameters in (TASKS if tasks is None else tasks).items()
    ]
    (package / "p30" / "tasks.json").write_text(json.dumps({"tasks": described}))
    (package / "manifest.xml").write_text(MANIFEST)
    service = {"serviceName": name, "type": "GPServer", "properties": {"showMessages": "Info"}}
    for key, value in configuration.items():
        place = (
            service["properties"] if key in ("executionType", "showMessages", "maximumRecords") else service
        )
        place[key] = value
    (package / "serviceconfiguration.json").write_text(json.dumps({"folderName": "", "service": service}))
    path = folder / f"{name}.sd"
    _native.archive_folder(package, path)
    return path


class Client:
    """Asks a service of tools over HTTP."""

    def __init__(self, site, name, user="ann", password="ann-pw", folder=""):
        self.origin = site.url
        self.address = f"{site.url}/server/rest/services/{folder}{name}/GPServer"
        self.token = None
        if user:
            form = {"username": user, "password": password, "client": "requestip", "f": "json"}
            reply = self.raw(f"{site.portal_url}/sharing/rest/generateToken", form)
            self.token = json.loads(reply)["token"]

    def raw(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        with urllib.request.urlopen(url, data, timeout=60) as reply:
            return reply.read()

    def ask(self, path="", **form):
        if self.token:
            form["token"] = self.token
        url = self.address + (f"/{path}" if path else "")
        return json.loads(self.raw(url, {"f": "json"} | form))

    def execute(self, task, **form):
        return self.ask(f"{task}/execute", **form)

    def values(self, task, **form):
        reply = self.execute(task, **form)
        assert "results" in reply, reply
        return {one["paramName"]: one["value"] for one in reply["results"]}

    def submit(self, task, **form):
        reply = self.ask(f"{task}/submitJob", **form)
        assert reply.get("jobStatus") == "esriJobSubmitted", reply
        return reply["jobId"]

    def job(self, task, job):
        return self.ask(f"{task}/jobs/{job}")

    def wait(self, task, job, seconds=30, until=None):
        end = time.monotonic() + seconds
        while True:
            state = self.job(task, job)
            final = state["jobStatus"] not in ("esriJobSubmitted", "esriJobExecuting", "esriJobCancelling")
            if final or state["jobStatus"] == until:
                return state
            assert time.monotonic() < end, state
            time.sleep(0.05)

    def upload(self, name, data, **fields):
        border = "----border"
        parts = []
        for key, value in ({"f": "json", "token": self.token or ""} | fields).items():
            parts.append(
                f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            )
        head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = b"".join([*parts, head.encode(), data, f"\r\n--{border}--\r\n".encode()])
        request = urllib.request.Request(
            f"{self.address}/uploads/upload",
            body,
            {"Content-Type": f"multipart/form-data; boundary={border}"},
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)


def publish(site, path, name, user="ann", password="ann-pw"):
    portal = Portal(site.portal_url, user, password)
    return portal.publish(str(path), name)


def texts(job):
    return "\n".join(message["description"] for message in job["messages"])
