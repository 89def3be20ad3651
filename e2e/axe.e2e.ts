import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { signInAsAdmin } from './support/admin.ts'
import { watchPage } from './support/policy.ts'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const looks = [
  { name: 'light', scheme: 'light', width: 1440 },
  { name: 'dark', scheme: 'dark', width: 1440 },
  { name: 'light, on a phone', scheme: 'light', width: 390 },
  { name: 'dark, on a phone', scheme: 'dark', width: 390 },
] as const

for (const look of looks) {
  test(`every screen passes WCAG 2.2 AA and its own content security policy: ${look.name}`, async ({ page }) => {
    test.setTimeout(600_000)
    await page.setViewportSize({ width: look.width, height: 900 })
    await page.emulateMedia({ colorScheme: look.scheme, reducedMotion: 'reduce' })
    const watched = await watchPage(page)
    await page.goto('/sign-in')
    await expectAccessible(page, watched, '/sign-in')
    await page.setViewportSize({ width: 1440, height: 900 })
    await signInAsAdmin(page)
    await page.setViewportSize({ width: look.width, height: 900 })
    for (const screen of await screens(page)) {
      await page.goto(screen)
      await expectAccessible(page, watched, screen)
    }
  })
}

/** Every screen, with a database, a backup, a storage and an operation where there are any. */
async function screens(page: Page): Promise<string[]> {
  const database = await firstLink(page, '/databases', /^\/databases\/[0-9a-f-]{36}$/)
  const backup = await firstLink(page, '/backups', /^\/backups\/[0-9a-f-]{36}$/)
  const storage = await firstLink(page, '/storages', /^\/storages\/[0-9a-f-]{36}$/)
  const alert = await firstLink(page, '/alerts', /^\/alerts\/[0-9a-f-]{36}$/)
  const check = await firstLink(page, '/checks', /^\/checks\/[a-z_]+/)
  const operation = await firstLink(page, '/operations', /^\/operations\/[0-9a-f-]{36}$/)
  return [
    '/',
    '/databases',
    '/databases/new',
    '/backups',
    '/backups?state=missing',
    '/restore',
    '/runbooks',
    ...(database === null ? [] : ['one_table', 'database', 'everything'].map((one) => `/runbooks/${one}?database=${database.split('/')[2]}`)),
    '/schedules',
    '/retention',
    '/retention?part=simulator',
    '/storages',
    '/storages/new?kind=s3',
    '/alerts',
    '/alerts?state=resolved',
    ...(alert === null ? [] : [alert]),
    '/checks',
    '/checks?status=unknown',
    ...(check === null ? [] : [check]),
    '/operations',
    '/logs',
    '/logs?kind=trouble&since=30d',
    '/reports',
    '/settings',
    '/settings?part=keys',
    '/settings?part=channels',
    '/settings?part=contacts',
    '/settings?part=heartbeat',
    ...(storage === null ? [] : [storage]),
    ...(database === null ? [] : [database, `${database}?backup=now`]),
    ...(backup === null
      ? []
      : [
          ...['trust', 'contents', 'compare', 'history'].map((tab) => `${backup}?tab=${tab}`),
          ...['point', 'target'].map((step) => `/restore?backup=${backup.split('/')[2]}&step=${step}`),
          `/restore?backup=${backup.split('/')[2]}&name=axe&step=dry-run`,
          `/restore?backup=${backup.split('/')[2]}&happened=table&step=target`,
          `/restore?backup=${backup.split('/')[2]}&way=replace&step=dry-run`,
        ]),
    ...(operation === null ? [] : [operation]),
  ]
}

async function firstLink(page: Page, list: string, shape: RegExp): Promise<string | null> {
  await page.goto(list)
  const hrefs = await page
    .getByRole('main')
    .locator('a[href]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
  return hrefs.find((href) => shape.test(href)) ?? null
}

async function expectAccessible(page: Page, watched: { problems: () => Promise<string[]> }, screen: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached()
  // streamed parts and charts are in place when nothing is being loaded any more
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  const said = violations.map(
    (one) =>
      `${one.id}: ${one.help}\n${one.nodes.map((node) => `    ${node.html.slice(0, 200)}\n      ${node.failureSummary?.replaceAll('\n', ' ')}`).join('\n')}`,
  )
  expect.soft(said, `${screen} against WCAG`).toEqual([])
  expect.soft(await watched.problems(), `${screen} against its content security policy`).toEqual([])
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${screen} scrolls sideways by`).toBeLessThanOrEqual(0)
}
