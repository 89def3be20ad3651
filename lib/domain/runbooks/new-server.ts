import { type RunbookStep, step } from './runbook.ts'

/** Where the data goes is known to nobody before the day: the shell asks, and every later command uses the answers. */
export function newServerStep(id: string): RunbookStep {
  return step(
    id,
    'Name the new server',
    [
      'A PostgreSQL server of the old one’s major version or later, and a role there that may create databases. The answers stay in this window.',
      'Off this machine the connection is encrypted and the server’s certificate is checked.',
    ],
    {
      command: [
        `read -rp 'Host of the new server: ' NEW_HOST`,
        `read -rp 'Port: ' NEW_PORT`,
        `read -rp 'User: ' NEW_USER`,
        `read -rsp 'Password: ' PGPASSWORD; export PGPASSWORD; echo`,
      ].join('\n'),
      asks: ['host', 'port', 'user', 'password'],
    },
  )
}

/** Credentials of a bucket, typed where nobody else can read them. */
export const bucketCredentials = [
  `read -rp 'Access key id: ' AWS_ACCESS_KEY_ID; export AWS_ACCESS_KEY_ID`,
  `read -rsp 'Secret access key: ' AWS_SECRET_ACCESS_KEY; export AWS_SECRET_ACCESS_KEY; echo`,
] as const
