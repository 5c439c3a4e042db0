"""Pretraining in slices by Airflow (2.4 or newer 2.x): every night one slice of the same run, on the cluster that the command submits to.

Variables of Airflow: seqpe_command (such as /opt/seqpe/deploy/yarn/submit.sh), seqpe_conf, seqpe_run, seqpe_slice (such as 5h).
Submit in client mode (SEQPE_DEPLOY_MODE=client): then the exit status is the one of `seqpe train`, and its log is the task's.
"""

import os
from datetime import datetime, timedelta
from functools import cached_property

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.hooks.subprocess import SubprocessHook
from airflow.models.baseoperator import BaseOperator

INPUT_THAT_CANNOT_BE_USED = 2


class SeqpeTrain(BaseOperator):
    """Runs `seqpe train`. Status 0: the slice is done. 2: nobody but a person can help, so no retry. Anything else: a retry goes on from the last checkpoint."""

    template_fields = ("command", "conf", "run_folder", "max_runtime")

    def __init__(self, *, command, conf, run_folder, max_runtime, **kwargs):
        super().__init__(**kwargs)
        self.command = command
        self.conf = conf
        self.run_folder = run_folder
        self.max_runtime = max_runtime

    @cached_property
    def process(self):
        return SubprocessHook()

    def execute(self, context):
        arguments = [self.command, "train", "--conf", self.conf, "--run", self.run_folder, "--max-runtime", self.max_runtime]
        result = self.process.run_command(command=arguments, env={**os.environ, "SEQPE_DEPLOY_MODE": "client"})
        if result.exit_code == INPUT_THAT_CANNOT_BE_USED:
            raise AirflowFailException("seqpe cannot use its input; its log says what to mend")
        if result.exit_code != 0:
            raise AirflowException(f"seqpe ended with status {result.exit_code}; a retry goes on from the last checkpoint")

    def on_kill(self):
        # SIGTERM: a checkpoint at the end of the round, if Airflow grants the time (killed_task_cleanup_time).
        self.process.send_sigterm()


with DAG(
    dag_id="seqpe_pretraining",
    schedule="0 22 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    # Two jobs never share a run folder.
    max_active_runs=1,
    tags=["seqpe"],
) as dag:
    SeqpeTrain(
        task_id="train",
        command="{{ var.value.seqpe_command }}",
        conf="{{ var.value.seqpe_conf }}",
        run_folder="{{ var.value.seqpe_run }}",
        max_runtime="{{ var.value.seqpe_slice }}",
        retries=20,
        # Longer than the lock of a driver that was killed (60 s).
        retry_delay=timedelta(seconds=90),
    )
