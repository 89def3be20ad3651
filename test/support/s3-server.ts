import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Config, S3Credentials } from '#lib/engine/storage/s3.ts'

export interface S3Server {
  endpoint: string
  credentials: S3Credentials
  /** Makes a bucket of its own and says how to reach it. */
  bucket(name: string, options?: { objectLock?: boolean }): Promise<S3Config>
  stop(): Promise<void>
}

const script = new URL('./s3-server', import.meta.url).pathname
const credentials = { accessKeyId: 'LIFEBOATKEY', secretAccessKey: 'lifeboatsecret' }

/** Starts a real S3 server (radosgw) on a free port of loopback, about 12 s. Needs root on Debian the first time, to install it. */
export async function startS3Server(): Promise<S3Server> {
  const home = await mkdtemp(join(tmpdir(), 'lifeboat-s3-'))
  const directory = join(home, 's3')
  const port = await freePair()
  await run(['start', directory, String(port)]).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true })
    throw error
  })
  const endpoint = `http://127.0.0.1:${port}`
  return {
    endpoint,
    credentials,
    async bucket(name, options = {}) {
      const client = new S3Client({ endpoint, region: 'default', forcePathStyle: true, credentials })
      await client.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: options.objectLock ?? false }))
      client.destroy()
      return { bucket: name, endpoint, region: 'default', prefix: '', pathStyle: true, checksumWhenRequired: false }
    },
    async stop() {
      await run(['stop', directory])
      await rm(home, { recursive: true, force: true })
    },
  }
}

function run(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(script, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, S3_SERVER_OWNER: String(process.pid) } })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    // 'exit', not 'close': the server's daemons may keep the pipe open
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`s3-server ${args[0]} ended with ${code}: ${said.slice(-2000)}`))))
  })
}

/** The server wants two neighbouring ports. */
async function freePair(): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 30_000)
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
  throw new Error('no two free neighbouring ports')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
