import { defineConfig } from '@playwright/test'

/**
 * Browser tests against the product as `npm test` starts it: a real worker, real Postgres, a real S3 server. They are given
 * LIFEBOAT_URL (the console), LIFEBOAT_SETUP_URL (the first admin's link) and LIFEBOAT_E2E_HOME (its LIFEBOAT_HOME, to damage files).
 */
export default defineConfig({
  testDir: 'e2e',
  // in this order: the screens are looked at when there is something on them
  projects: [
    { name: 'recovery', testMatch: 'recovery.e2e.ts' },
    { name: 'whole way', testMatch: 'whole-way.e2e.ts' },
    { name: 'keeping', testMatch: 'keeping.e2e.ts' },
    { name: 'alerts', testMatch: 'alerts.e2e.ts' },
    { name: 'channels', testMatch: 'channels.e2e.ts' },
    { name: 'copies', testMatch: 'copies.e2e.ts' },
    { name: 'screens', testMatch: 'axe.e2e.ts' },
  ],
  outputDir: 'test-results',
  // one product, one catalogue: the tests share it and run one after another
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.LIFEBOAT_URL ?? 'http://127.0.0.1:3000',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.LIFEBOAT_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
