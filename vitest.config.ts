import { defineConfig } from 'vitest/config'

/** Nothing is timed here: what is waited for may take long on a small or busy machine. */
const expect = { poll: { timeout: 30_000 } }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['{lib,workers,bin,test,components}/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/*.s3.test.ts'],
          // two busy cores need longer
          expect,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'db',
          // projects with another number of workers may not share a group
          sequence: { groupOrder: 1 },
          globalSetup: './test/support/catalog-server.ts',
          env: { LOG_LEVEL: 'silent' },
          include: ['{lib,workers,bin,test}/**/*.db.test.ts'],
          expect,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 's3',
          sequence: { groupOrder: 2 },
          globalSetup: './test/support/catalog-server.ts',
          env: { LOG_LEVEL: 'silent' },
          include: ['{lib,workers,bin,test}/**/*.s3.test.ts'],
          expect,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
