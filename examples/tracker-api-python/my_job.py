import os
import random
import sys
import uuid

from trackerapi import JobConfigManager, TrackerApi


def my_job(name):
    here = os.path.dirname(os.path.abspath(__file__))
    job_config_manager = JobConfigManager(configurations_file=os.path.join(here, "job_configurations.json"))
    job_config = job_config_manager.get_job_config("my_job")

    tracker = TrackerApi(
        api_key=os.environ["DAYBOOK_API_KEY"],
        base_url=os.environ.get("DAYBOOK_URL", "http://127.0.0.1:8080") + "/tracker",
    )
    # The same version with the same content again is fine.
    tracker.register_job_config(job_config)

    # Create a unique ID for the job
    id = str(uuid.uuid4())
    tracker_job = tracker.create_job(provider_job_id=id, customer_id=142, tag=job_config.name)

    # Do the first step (The say_hello step)
    message = f"Hello {name}!"
    print(message)
    tracker_job.send_event(kind="step", name=job_config.step_configurations[0].tag, metadata={"Message": message})

    # Do the second step (The random_number step): it takes its time, so say that it runs, and then that it is done
    event = tracker_job.send_event(kind="In progress", name=job_config.step_configurations[1].tag)
    random_number = random.randint(0, 100)
    print("Random Number", random_number)
    event.update(kind="Complete", metadata={"Random Number": random_number})

    # Do the last step (The say_bye step)
    message = f"Bye {name}!"
    print(message)
    tracker_job.send_event(kind="step", name=job_config.step_configurations[2].tag, metadata={"Message": message})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise Exception("You need to provide a name as input to continue!")
    my_job(sys.argv[1])
