import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['{lib,workers,bin,test,components}/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/*.s3.test.ts'],
          // nothing here waits for anything; two busy cores only need longer
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
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
