import { expect, test } from 'vitest'
import { importsOf, isTest, read, sourceFiles } from './modules.ts'

/**
 * Who may import whom. The first rule that matches a file counts; `may` lists where its imports may lead (besides packages and its own folder).
 * The web must never hold engine code or an opened secret, and a request must never reach what the worker does: one wrong import would do both.
 */
const rooms: { files: RegExp; may: RegExp[]; types?: RegExp[] }[] = [
  { files: /^lib\/domain\//, may: [/^lib\/domain\//] },
  // resolve, check, connect to that: the one rule for every way out
  { files: /^lib\/egress\//, may: [/^lib\/egress\//, /^lib\/domain\//] },
  { files: /^lib\/engine\//, may: [/^lib\/engine\//, /^lib\/(domain|egress)\//] },
  { files: /^lib\/secrets\//, may: [/^lib\/secrets\//, /^lib\/domain\//] },
  {
    files: /^lib\/operations\/[^/]+\/definition\.ts$|^lib\/operations\/definitions?\.ts$/,
    may: [/^lib\/domain\//, /^lib\/operations\/definition\.ts$/, /^lib\/operations\/[^/]+\/definition\.ts$/],
  },
  {
    files: /^lib\/operations\/[^/]+\/(request|needs|needed[^/]*)\.ts$/,
    may: [
      /^lib\/domain\//,
      /^lib\/catalog\//,
      /^lib\/queue\//,
      /^lib\/secrets\/(seal|places)\.ts$/,
      /^lib\/operations\/(enqueue|definition|copy-needs|safety|storages-for)\.ts$/,
    ],
  },
  // where a kind meets what puts it right after its worker died; only workers ask it
  {
    files: /^lib\/operations\/recover\.ts$/,
    may: [/^lib\/(domain|catalog)\//, /^lib\/operations\/recover-context\.ts$/, /^lib\/operations\/[^/]+\/recover\.ts$/],
  },
  {
    files: /^lib\/operations\/[^/]+\.ts$/,
    may: [/^lib\/domain\//, /^lib\/catalog\//, /^lib\/queue\//, /^lib\/operations\/[^/]+(\/definition)?\.ts$/],
    types: [/^lib\/engine\//],
  },
  // a clone is a restore without a backup: what happens on the target is told, made, compared and undone as there
  {
    files: /^lib\/operations\/clone\/(plan|ready|run|compare|report|recover)\.ts$/,
    may: [
      /^lib\/domain\//,
      /^lib\/catalog\//,
      /^lib\/engine\//,
      /^lib\/operations\/(run|[^/]+\.ts)/,
      /^lib\/operations\/restore\/(compare-definitions|compare-schema|findings|finish-database|fresh-schema|hold-target|look-at-target)\.ts$/,
      /^lib\/operations\/restore\/(make-database|recover-new|report|role-map|same-target|stages|undo-created)\.ts$/,
    ],
    types: [/^lib\/operations\/restore\/compare\.ts$/],
  },
  // what a person typed is sealed anew to a newer key
  {
    files: /^lib\/operations\/run\/reseal-secrets\.ts$/,
    may: [/^lib\/(domain|catalog|engine)\//, /^lib\/secrets\/(seal|places)\.ts$/, /^lib\/operations\/run\//],
  },
  // what a test button of a channel does
  {
    files: /^lib\/operations\/check\/try-telling\.ts$/,
    may: [/^lib\/(domain|catalog|notify)\//, /^lib\/secrets\/places\.ts$/, /^lib\/operations\/(run|[^/]+\.ts)/],
  },
  {
    files: /^lib\/operations\/[^/]+\//,
    may: [/^lib\/domain\//, /^lib\/catalog\//, /^lib\/engine\//, /^lib\/secrets\/(open|places)\.ts$/, /^lib\/operations\/(run|[^/]+\.ts)/],
  },
  // tells people: one way out, through one guarded client; it knows no catalogue
  { files: /^lib\/notify\//, may: [/^lib\/notify\//, /^lib\/(domain|egress)\//] },
  // what is looked at, the alerts that it raises, and whom these are told to: workers, the command line, and the web when no worker lives
  {
    files: /^lib\/watch\//,
    may: [/^lib\/watch\//, /^lib\/(catalog|domain|notify)\//, /^lib\/secrets\/(places|for-web)\.ts$/, /^lib\/(env|log)\.ts$/],
  },
  { files: /^lib\/queue\//, may: [/^lib\/queue\//, /^lib\/catalog\//, /^lib\/domain\//, /^lib\/log\.ts$/] },
  { files: /^lib\/catalog\//, may: [/^lib\/catalog\//, /^lib\/domain\//, /^lib\/env\.ts$/, /^lib\/log\.ts$/], types: [/^lib\/engine\//] },
  { files: /^lib\/client\//, may: [/^lib\/client\//, /^lib\/domain\//], types: [/^lib\/operations\/[^/]+\/definition\.ts$/] },
  { files: /^lib\/auth\//, may: [/^lib\/auth\//, /^lib\/catalog\//, /^lib\/domain\//, /^lib\/env\.ts$/, /^lib\/log\.ts$/, /^lib\/http\//] },
  {
    files: /^lib\/http\//,
    may: [
      /^lib\/http\//,
      /^lib\/secrets\/(seal|places|for-web)\.ts$/,
      /^lib\/auth\//,
      /^lib\/catalog\//,
      /^lib\/domain\//,
      /^lib\/env\.ts$/,
      /^lib\/log\.ts$/,
      /^lib\/operations\/([^/]+\/)?(definition|definitions|enqueue|cancel)\.ts$/,
    ],
  },
  { files: /^lib\/(env|env-files|log)\.ts$/, may: [/^lib\/(env|log)\.ts$/, /^lib\/domain\//] },
  // primitives know no router, no query and no rule: units for numbers, and the names of states
  { files: /^components\/ui\//, may: [/^components\/ui\//, /^lib\/domain\/units\.ts$/], types: [/^lib\/domain\//] },
  { files: /^components\//, may: [/^components\//, /^lib\/client\//, /^lib\/domain\//] },
  {
    files: /^app\/(api\/.*|healthz\/|readyz\/|metrics\/)/,
    may: [
      /^lib\/(auth|http|catalog|queue|domain)\//,
      /^lib\/secrets\/(seal|places)\.ts$/,
      /^lib\/operations\/(alerts|approve|cancel|change-database|channels|definitions?|enqueue|look|retention-(duties|rules|settings)|retire-key|schedules|watch-settings)\.ts$/,
      /^lib\/operations\/[^/]+\/(definition|request)\.ts$/,
      /^lib\/(env|log)\.ts$/,
      /^app\/api\//,
    ],
  },
  { files: /^app\//, may: [/^app\//, /^components\//, /^lib\/(auth|catalog|domain|client)\//, /^lib\/env\.ts$/] },
  { files: /^(proxy|instrumentation(-client)?)\.ts$/, may: [/^lib\/(http|auth|domain|watch)\//, /^lib\/(env|log)\.ts$/] },
  { files: /^workers\//, may: [/^workers\//, /^sample\//, /^lib\/(?!http\/|client\/)/] },
  { files: /^sample\//, may: [/^sample\//] },
  {
    files: /^bench\//,
    may: [
      /^bench\//,
      /^sample\//,
      /^lib\/(engine|domain|operations|catalog|secrets|queue|watch)\//,
      /^lib\/http\/metrics\//,
      /^lib\/(env|log)\.ts$/,
      /^workers\//,
      /^test\/support\//,
    ],
  },
  { files: /^bin\//, may: [/^bin\//] },
  { files: /^rescue\//, may: [] },
  { files: /^[^/]+\.(js|mjs|ts)$/, may: [/^test\//] },
]

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/') + 1)

/** A kind of operation with several ways of going about it has a folder for each, and shares what lies beside them. */
const kindOf = (file: string) => /^lib\/operations\/([^/]+)\/(?!request\.ts)/.exec(file)?.[1]

test('every import leads where the room it stands in may reach', () => {
  const files = sourceFiles().filter((file) => !isTest(file))
  const wrong: string[] = []
  let seen = 0
  for (const file of files) {
    const room = rooms.find((one) => one.files.test(file))
    if (room === undefined) {
      wrong.push(`${file}: stands in no room; add it to the table in this test`)
      continue
    }
    for (const { target, typeOnly } of importsOf(file)) {
      seen += 1
      if (target === null || /\.(css|json|sql)$/.test(target)) continue
      const sameKind = !file.endsWith('/definition.ts') && kindOf(file) !== undefined && kindOf(file) === kindOf(target)
      const own = (folderOf(target) === folderOf(file) && file.includes('/') && !/\/(request|run)\.ts$/.test(target)) || sameKind
      const allowed = own || room.may.some((one) => one.test(target)) || (typeOnly && room.types?.some((one) => one.test(target)))
      if (!allowed) wrong.push(`${file} imports ${target}${typeOnly ? ' (types only)' : ''}`)
    }
  }
  expect(wrong).toEqual([])
  // a check of nothing passes as well: it must have looked at the whole house
  expect(files.length).toBeGreaterThan(250)
  expect(seen).toBeGreaterThan(1_000)
})

test('the domain imports no package but zod and the parsers of cron', () => {
  const packages = sourceFiles()
    .filter((file) => file.startsWith('lib/domain/') && !isTest(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((one) => one.target === null && !one.typeOnly)
        .map((one) => `${file}: ${one.specifier}`),
    )
  expect(packages.filter((one) => !/: (zod|cron-parser|cronstrue)$/.test(one))).toEqual([])
})

test('no engine module, opened secret or worker reaches the web, by any path of imports', () => {
  const all = new Set(sourceFiles())
  const entrances = [...all].filter((file) => (/^app\//.test(file) || file === 'proxy.ts' || file === 'instrumentation.ts') && !isTest(file))
  const reached = new Map<string, string>()
  const queue = entrances.map((file) => [file, file] as const)
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [file, way] = next
    if (reached.has(file)) continue
    reached.set(file, way)
    for (const { target, typeOnly } of importsOf(file))
      if (target !== null && !typeOnly && all.has(target)) queue.push([target, `${way} > ${target}`])
  }
  const forbidden = [...reached].filter(([file]) =>
    /^(lib\/engine|workers|sample)\/|^lib\/secrets\/open\.ts$|^lib\/operations\/[^/]+\/run\.ts$/.test(file),
  )
  expect(forbidden.map(([, way]) => way)).toEqual([])
  expect(reached.size).toBeGreaterThan(150)
})

test('lib and workers import with their file endings, so that Node runs them as they stand', () => {
  const wrong = sourceFiles()
    .filter((file) => /^(lib|workers|sample|bench)\//.test(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((one) => one.target !== null && !/\.\w+$/.test(one.target))
        .map((one) => `${file}: ${one.specifier}`),
    )
  expect(wrong).toEqual([])
})

test('server-only is imported only where the worker never comes', () => {
  const wrong = sourceFiles().filter((file) => !/^(lib\/http|app)\//.test(file) && !isTest(file) && /['"]server-only['"]/.test(read(file)))
  expect(wrong).toEqual([])
})
