/** A routing with one of everything, for tests. Files of secrets lie where a test puts them. */
import type { z } from 'zod';
import type { routingSchema } from '../../monitoring/routes/routing.ts';

export const wholeRouting = {
  receivers: {
    oncall: { kind: 'pagerduty', routingKeyFile: '/secrets/pagerduty' },
    genie: { kind: 'opsgenie', apiKeyFile: '/secrets/opsgenie', apiUrl: 'https://api.eu.opsgenie.com/' },
    chat: { kind: 'slack', apiUrlFile: '/secrets/slack', channel: '#oncall' },
    tickets: { kind: 'webhook', url: 'http://tickets.example/new' },
    acme: { kind: 'email', to: 'ops@acme.example', from: 'keelson@example.com', smarthost: 'mail.example.com:587', username: 'keelson', passwordFile: '/secrets/mail' },
  },
  intervals: { 'office-hours': { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], from: '08:00', to: '18:00', timezone: 'Europe/Berlin' } },
  teams: { platform: { page: ['oncall', 'chat'], notify: ['chat'], ticket: ['tickets'] } },
  environments: [{ name: 'testing', match: { pipeline: 'testing' }, ways: { page: ['chat'], notify: [{ to: 'chat', during: 'office-hours' }], ticket: ['tickets'] } }],
  tenants: [{ organization: 'acme', ways: { page: ['acme'], notify: ['acme'], ticket: ['acme'] } }],
  contacts: { from: 'keelson@example.com', smarthost: 'mail.example.com:587', username: 'keelson', passwordFile: '/secrets/mail' },
  heartbeat: { url: 'https://heartbeat.example/keelson' },
  secondWay: ['genie'],
} satisfies z.input<typeof routingSchema>;
