/** Requests, limits and LimitRanges that contradict each other: the API server refuses the pod, or the LimitRange itself. */
import { parseQuantity } from '../quantity.ts';
import { amountOf, defaultsOf } from './demand.ts';
import { finding, type Rule } from './rule.ts';

export const limitBelowRequest: Rule = {
  name: 'limits/below-request',
  demands: "A container's limit is not below its request, defaults of the LimitRange included.",
  check: ({ all, workloads }) =>
    workloads.flatMap(({ item, template, path }) => {
      const defaults = defaultsOf(all, item.namespace);
      return (['containers', 'initContainers'] as const).flatMap((list) =>
        template.spec[list].flatMap((container, i) => {
          const resources = new Set([...Object.keys(container.resources.requests), ...Object.keys(container.resources.limits)]);
          return [...resources].flatMap((resource) => {
            const request = amountOf(container, 'requests', resource, defaults);
            const limit = amountOf(container, 'limits', resource, defaults);
            if (request === undefined || limit === undefined || limit >= request) return [];
            const isDefault = container.resources.limits[resource] === undefined;
            return [finding(item, 'limits/below-request', { path: `${path}.${list}[${i}].resources`, message: `container ${container.name} requests ${container.resources.requests[resource] ?? 'by default more'} of ${resource}, and its limit ${isDefault ? 'is the default of the LimitRange' : `is ${container.resources.limits[resource]}`}, which is less`, fix: `Set limits.${resource} to at least the request.` })];
          });
        }),
      );
    }),
};

export const limitOutsideRange: Rule = {
  name: 'limits/outside-range',
  demands: 'A container stays between the minimum and maximum of its LimitRange.',
  check: ({ all, workloads }) =>
    workloads.flatMap(({ item, template, path }) => {
      const defaults = defaultsOf(all, item.namespace);
      const ranges = all.of('LimitRange').filter(({ namespace }) => namespace === item.namespace).flatMap((range) => range.spec.limits.filter(({ type }) => type === 'Container').map((limit) => ({ range, limit })));
      return (['containers', 'initContainers'] as const).flatMap((list) =>
        template.spec[list].flatMap((container, i) =>
          ranges.flatMap(({ range, limit }) => [
            ...Object.entries(limit.max).flatMap(([resource, max]) => {
              const amount = amountOf(container, 'limits', resource, defaults);
              return amount === undefined || amount > parseQuantity(max) ? [outside(resource, `may take at most ${max}`, container.resources.limits[resource])] : [];
            }),
            ...Object.entries(limit.min).flatMap(([resource, min]) => {
              const amount = amountOf(container, 'requests', resource, defaults);
              return amount === undefined || amount < parseQuantity(min) ? [outside(resource, `must ask for at least ${min}`, container.resources.requests[resource])] : [];
            }),
          ].map((message) => finding(item, 'limits/outside-range', { path: `${path}.${list}[${i}].resources`, message: `container ${container.name} ${message} (LimitRange ${range.name}): its pods are refused`, fix: 'Change the container, or the LimitRange.' }))),
        ),
      );
    }),
};

const outside = (resource: string, what: string, found: string | number | undefined): string => `${what} of ${resource}, and ${found === undefined ? 'has none' : `has ${found}`}`;

/** Order in which amounts of one LimitRange entry must grow (core/validation, ValidateLimitRange). */
const order = ['min', 'defaultRequest', 'default', 'max'] as const;

export const limitRangeContradiction: Rule = {
  name: 'limits/range-contradiction',
  demands: 'In a LimitRange, minimum ≤ default request ≤ default limit ≤ maximum.',
  check: ({ all }) =>
    all.of('LimitRange').flatMap((range) =>
      range.spec.limits.flatMap((limit, i) =>
        order.flatMap((low, at) =>
          order.slice(at + 1).flatMap((high) =>
            Object.entries(limit[low]).flatMap(([resource, amount]) => {
              const upper = limit[high][resource];
              if (upper === undefined || parseQuantity(amount) <= parseQuantity(upper)) return [];
              return [finding(range, 'limits/range-contradiction', { path: `spec.limits[${i}]`, message: `${low}.${resource} is ${amount}, above ${high}.${resource} of ${upper}: the API server refuses it`, fix: `Lower ${low}.${resource} or raise ${high}.${resource}.` })];
            }),
          ),
        ),
      ),
    ),
};
