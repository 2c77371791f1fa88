/** Pages that a key leads to, for those who may see them. */
export const pageKeys = [
  { keys: 'g j', label: 'keyboard.goJobs', to: '/', permission: 'jobs.read' },
  { keys: 'g i', label: 'shell.goInbox', to: '/inbox', permission: 'jobs.inspect' },
  { keys: 'g b', label: 'shell.goDashboard', to: '/dashboard', permission: 'jobs.inspect' },
  { keys: 'g w', label: 'shell.goDigest', to: '/digest', permission: 'jobs.inspect' },
  { keys: 'g q', label: 'shell.goQueue', to: '/queue', permission: 'queue.read' },
  { keys: 'g t', label: 'shell.goTargets', to: '/targets', permission: 'queue.read' },
  { keys: 'g m', label: 'shell.goMaintenance', to: '/maintenance', permission: 'queue.read' },
  { keys: 'g d', label: 'shell.goDatasets', to: '/datasets', permission: 'datasets.read' },
  { keys: 'g s', label: 'shell.goSources', to: '/sources', permission: 'sources.manage' },
  { keys: 'g n', label: 'shell.goIngest', to: '/ingest', permission: 'jobs.inspect' },
  { keys: 'g c', label: 'shell.goConfigurations', to: '/configurations', permission: 'configurations.read' },
  { keys: 'g k', label: 'keyboard.goKeys', to: '/keys', permission: 'keys.own' },
  { keys: 'g a', label: 'shell.goApi', to: '/api', permission: 'jobs.inspect' },
] as const;
