import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { JobConfigManager, TrackerApi } from '@daybook/sdk';

async function myJob(name: string): Promise<void> {
  const jobConfigManager = new JobConfigManager({
    configurationsFile: join(import.meta.dirname, 'job_configurations.json'),
  });
  const jobConfig = jobConfigManager.getJobConfig('my_job');

  const tracker = new TrackerApi({
    apiKey: process.env['DAYBOOK_API_KEY'] ?? '',
    baseUrl: `${process.env['DAYBOOK_URL'] ?? 'http://127.0.0.1:8080'}/tracker`,
  });
  // The same version with the same content again is fine.
  await tracker.registerJobConfig(jobConfig);

  // Create a unique ID for the job
  const id = randomUUID();
  const trackerJob = await tracker.createJob({ providerJobId: id, customerId: 142, tag: jobConfig.name });
  const [sayHello, drawNumber, sayBye] = jobConfig.stepConfigurations.map((step) => step.tag);

  // Do the first step (The say_hello step)
  const hello = `Hello ${name}!`;
  console.log(hello);
  await trackerJob.sendEvent({ kind: 'step', name: sayHello as string, metadata: { Message: hello } });

  // Do the second step (The random_number step): it takes its time, so say that it runs, and then that it is done
  const event = await trackerJob.sendEvent({ kind: 'In progress', name: drawNumber as string });
  const randomNumber = randomInt(0, 101);
  console.log('Random Number', randomNumber);
  await event.update({ kind: 'Complete', metadata: { 'Random Number': randomNumber } });

  // Do the last step (The say_bye step)
  const bye = `Bye ${name}!`;
  console.log(bye);
  await trackerJob.sendEvent({ kind: 'step', name: sayBye as string, metadata: { Message: bye } });
}

const [, , name] = process.argv;
if (!name) throw new Error('You need to provide a name as input to continue!');
await myJob(name);
