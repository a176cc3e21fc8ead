"""Jobs on a real Dask cluster: a scheduler and two workers on loopback."""

import json
import os
import subprocess
import sys
import time

import pytest
from geosharing.site import Site
from web_tool_support import Client, definition, publish, texts

pytest.importorskip("distributed", reason="Dask is not installed (pip install --group peers)")
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    environment = dict(os.environ) | {"DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False"}
    python = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    common = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen(
            [*python, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)],
            **common,
        )
    ]
    try:
        end = time.monotonic() + 60
        while not (file.exists() and file.read_text().strip()):
            assert time.monotonic() < end, "the scheduler does not start"
            assert started[0].poll() is None, "the scheduler ended"
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        for _ in range(2):
            worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
            started.append(subprocess.Popen([*worker, "--no-dashboard", "--no-nanny"], **common))
        from distributed import Client as Scheduler

        with Scheduler(address, set_as_default=False) as ready:
            ready.wait_for_workers(2, timeout=120)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def client(scheduler, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    workers = "dask://" + scheduler.removeprefix("tcp://")
    with Site(folder / "site", users={"ann": "ann-pw"}, workers=workers, worker_memory=2 << 30) as site:
        path = definition(folder, "far", maxUsageTime=8, maxInstancesPerNode=2, maximumRecords="10")
        publish(site, path, "far")
        yield Client(site, "far")


def test_a_job_runs_on_the_cluster_and_says_so_while_it_runs(client):
    job = client.wait("Echo", client.submit("Echo", text="there and back"), 60)
    assert job["jobStatus"] == "esriJobSucceeded", texts(job)
    assert "warned" in texts(job)
    assert "printed" in texts(job)
    assert client.ask(f"Echo/jobs/{job['jobId']}/results/out_text")["value"] == "there and back"


def test_both_workers_take_jobs_at_once(client):
    begin = time.monotonic()
    jobs = [client.submit("Bad", how="hang") for _ in range(2)]
    for job in jobs:
        client.wait("Bad", job, until="esriJobExecuting")
    while sum("before hang" in texts(client.job("Bad", job)) for job in jobs) < 2:
        assert time.monotonic() - begin < 30
        time.sleep(0.1)
    for job in jobs:
        client.ask(f"Bad/jobs/{job}/cancel")
    assert [client.wait("Bad", job)["jobStatus"] for job in jobs] == ["esriJobCancelled"] * 2
    assert client.wait("Noop", client.submit("Noop"))["jobStatus"] == "esriJobSucceeded"


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("raise", "esriJobFailed", "ValueError: deliberate"),
        ("crash", "esriJobFailed", "Segmentation fault"),
        ("leave", "esriJobFailed", "exit status 7"),
        ("spin", "esriJobTimedOut", "longer than the 8 seconds"),
    ],
)
def test_a_tool_that_misbehaves_takes_no_dask_worker_with_it(client, how, status, said):
    job = client.wait("Bad", client.submit("Bad", how=how), 60)
    assert job["jobStatus"] == status, job
    assert said in texts(job), job
    assert client.wait("Noop", client.submit("Noop"), 60)["jobStatus"] == "esriJobSucceeded"
