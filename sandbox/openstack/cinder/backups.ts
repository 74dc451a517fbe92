/** Backups: this cloud makes none, as one without the backup service. Cinder CSI looks here for what is no snapshot. */
import { notFound } from '../errors.ts';
import { ok, type Route } from '../http/service.ts';

const path = '/v3/:project/backups';

export function backupRoutes(): Route[] {
  return [
    { method: 'GET', path, handle: () => ok({ backups: [] }) },
    { method: 'GET', path: `${path}/detail`, handle: () => ok({ backups: [] }) },
    { method: 'GET', path: `${path}/:id`, handle: ({ params }) => { throw notFound('BackupNotFound', `Backup ${params['id'] ?? ''} could not be found.`); } },
  ];
}
