import { expect, test } from 'vitest'
import { channelConfigs } from '#lib/domain/watch/channels.ts'
import { sendBySmtp } from './smtp.ts'

const config = channelConfigs.email.parse({ by: 'smtp', host: 'mail.example.com', from: 'lifeboat@example.com', to: ['dba@example.com'] })
const mail = { from: config.from, to: config.to, personal: false, raw: Buffer.from('Subject: x\r\n\r\nx\r\n') }

test('a resolver that never answers costs no more than the deadline', async () => {
  const resolve = () => new Promise<never>(() => {})
  expect(await sendBySmtp(config, '', mail, { privateAllowed: false, deadlineMs: 50, resolve })).toMatchObject({
    ok: false,
    permanent: false,
    answer: 'The mail server did not answer in time.',
  })
})
