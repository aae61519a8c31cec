# SPDX-License-Identifier: Apache-2.0
"""The no-op task for Celery; results on, JSON, a prefetch that suits short tasks."""
import os

from celery import Celery

app = Celery('bench', broker=os.environ['REDIS_URL'], backend=os.environ['REDIS_URL'])
app.conf.update(task_serializer='json', result_serializer='json', accept_content=['json'], worker_prefetch_multiplier=64, task_default_queue='bench',
                worker_send_task_events=False, broker_connection_retry_on_startup=True)


@app.task(name='bench.noop')
def noop():
    return None
