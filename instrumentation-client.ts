import { config } from 'zod'

// Runs before any other code of the console. Zod otherwise tries `new Function` once, to compile its parsers, and the content
// security policy reports that as a violation.
config({ jitless: true })
