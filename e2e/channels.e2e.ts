import { createHmac } from 'node:crypto'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { type HttpSink, startHttpSink } from '../test/support/http-sink.ts'
import { signInAsAdmin } from './support/admin.ts'
import { watchPage } from './support/policy.ts'

/** Who is told: a real program takes what Lifeboat sends, and what it answers is what the test button shows. */
const main = (page: Page): Locator => page.getByRole('main')
const card = (page: Page): Locator => main(page).getByRole('article', { name: 'Channel Night shift' })
const consent = 'It may lead into a private network or to this machine, without encryption'
let sink: HttpSink
test.beforeAll(async () => {
  sink = await startHttpSink()
})
test.afterAll(() => sink.close())

test('a webhook is set up and tried, people are called in order, and a service outside hears of Lifeboat', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  const signingKey = await test.step('a webhook is added; its signing key is shown once', () => addWebhook(page))

  await test.step('the test button shows the true answer, and the message is signed', async () => {
    await card(page).getByRole('button', { name: 'Test' }).click()
    await expect(card(page).getByText('The test of Night shift passed')).toBeVisible()
    await expect(card(page)).toContainText('works')
    const [sent] = sink.requests
    const [, at, signature] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(sent?.headers['lifeboat-signature'])) ?? []
    expect(signature).toBe(createHmac('sha256', signingKey).update(`${at}.${sent?.body}`).digest('hex'))
  })

  await test.step('one that fails says so, in its own words and no others', async () => {
    sink.mood = { status: 503, body: 'words of the other side' }
    await card(page).getByRole('button', { name: 'Test' }).click()
    await expect(card(page).getByText('The test of Night shift found a problem')).toBeVisible()
    await expect(card(page)).toContainText('The webhook failed (503).')
    await expect(card(page)).toContainText(/It fails, first/)
    await expect(main(page).getByText('words of the other side')).toHaveCount(0)
    await page.goto('/alerts')
    await page.goto('/settings?part=channels')
    await expect(main(page).getByRole('heading', { name: '0 of 1 channel works' })).toBeVisible()
    sink.mood = { status: 200 }
  })

  await test.step('it is led elsewhere, paused and removed; its address is not shown', async () => {
    await card(page).getByRole('button', { name: 'Change' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change the channel Night shift' })
    await expect(dialog.getByRole('textbox', { name: /^New address/ })).toHaveValue('')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await card(page).getByRole('button', { name: 'Pause' }).click()
    await expect(card(page).getByText('paused', { exact: true })).toBeVisible()
    await card(page).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the channel' }).click()
    await expect(main(page).getByRole('heading', { name: 'Nobody is told when something goes wrong' })).toBeVisible()
  })

  await test.step('a contact stands on the emergency sheet', async () => {
    await page.goto('/settings?part=contacts')
    await main(page).getByRole('button', { name: 'Add a contact' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a contact' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Grace')
    await expect(dialog.getByRole('button', { name: 'Add the contact' })).toHaveAttribute('aria-disabled', 'true')
    await dialog.getByRole('textbox', { name: 'Phone' }).fill('+49 30 1234567')
    await dialog.getByRole('button', { name: 'Add the contact' }).click()
    await expect(main(page).getByRole('row', { name: /Grace/ })).toContainText('Database administrator')
    await page.emulateMedia({ media: 'print' })
    await expect(page.getByRole('article', { name: 'Emergency sheet' })).toContainText('+49 30 1234567')
    await expect(main(page).getByRole('table', { name: 'Contacts' })).toBeHidden()
    await page.emulateMedia({ media: 'screen' })
  })

  await test.step('the outbound heartbeat is tried like a channel', async () => {
    await page.goto('/settings?part=heartbeat')
    await main(page).getByRole('textbox', { name: 'Address' }).fill(`${sink.url}/beat`)
    await main(page).getByRole('checkbox', { name: consent }).check({ force: true })
    await main(page).getByRole('button', { name: 'Send a heartbeat' }).click()
    await main(page).getByRole('button', { name: 'Test' }).click()
    await expect(main(page).getByText(/^The test of 127\.0\.0\.1:\d+ passed/)).toBeVisible()
    expect(sink.requests.map((one) => one.path)).toContain('/beat')
    await main(page).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove the heartbeat' }).click()
    await expect(main(page).getByRole('button', { name: 'Send a heartbeat' })).toBeVisible()
  })
  expect(await watched.problems()).toEqual([])
})

async function addWebhook(page: Page): Promise<string> {
  await page.goto('/settings?part=channels')
  await main(page).getByRole('button', { name: 'Add a channel' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a channel' })
  await dialog.getByRole('button', { name: /^Slack/ }).click()
  await page.getByRole('option', { name: /^Webhook/ }).click()
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Night shift')
  await dialog.getByRole('textbox', { name: 'Address' }).fill(`${sink.url}/hook`)
  await dialog.getByRole('button', { name: 'Add the channel' }).click()
  await expect(dialog.getByText('Only https is used.')).toBeVisible()
  await dialog.getByRole('checkbox', { name: consent }).check({ force: true })
  await dialog.getByRole('button', { name: 'Add the channel' }).click()
  await expect(dialog).toHaveCount(0)
  const shown = main(page).getByText(/^[\w-]{43}$/)
  const key = (await shown.textContent()) ?? ''
  await main(page).getByRole('button', { name: 'I have copied it' }).click()
  await expect(shown).toHaveCount(0)
  await expect(card(page)).toContainText('not tried yet')
  await expect(card(page)).not.toContainText('/hook')
  return key
}
