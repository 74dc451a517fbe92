/** The cloud's API in trouble. The rules themselves are the cloud's (`sandbox/openstack/faults`); here they get an id and a place among the other faults. */
import type { FaultRule } from '../../openstack/index.ts';
import type { Planner } from '../plan.ts';

export const api: Planner<'api'> = ({ what: _what, forSeconds: _for, ...rule }, id, { ground }) => {
  const { service, method, path, project } = rule;
  const calls = [method, service === undefined ? 'any service' : service, path, project === undefined ? undefined : `of project ${project}`].filter((word) => word !== undefined).join(' ');
  const held = () => ground.apiFaults.list().find((fault) => fault.name === id);
  return {
    summary: `calls of the cloud's API (${calls}) meet ${rule.effect.kind}`,
    servers: [],
    apply: () => {
      ground.apiFaults.add({ ...rule, name: id } as FaultRule);
      return Promise.resolve();
    },
    observe: () => Promise.resolve(`${held()?.struck ?? 0} calls struck`),
    undo: () => {
      if (held()) ground.apiFaults.remove(id);
      return Promise.resolve(undefined);
    },
  };
};
