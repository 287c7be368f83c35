/** Prints, as JSON, articles as real themes write them: WordPress of two versions runs here, on PHP as WebAssembly. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { loadNodeRuntime } from '@php-wasm/node'
import { PHP, PHPRequestHandler } from '@php-wasm/universal'

const HERE = import.meta.dirname
const BUILDS = join(HERE, 'node_modules/@wp-playground/wordpress-builds/src')
const UNDERSCORES = join(HERE, 'node_modules/undescores-for-npm')
const PLUGIN = '/wordpress/wp-content/plugins/sqlite-database-integration-main'

/** Two themes of blocks, and one of the old kind. */
const SITES = [
  { version: '6.2', theme: 'twentytwentythree' },
  { version: '6.5', theme: 'twentytwentyfour' },
  { version: '6.5', theme: 'underscores' },
]

const INSTALL = `<?php
foreach (['/wordpress.zip' => '/wordpress', '/sqlite.zip' => '/wordpress/wp-content/plugins'] as $from => $to) {
  $zip = new ZipArchive();
  $zip->open($from);
  $zip->extractTo($to);
  $zip->close();
}
$db = str_replace(['{SQLITE_IMPLEMENTATION_FOLDER_PATH}', '{SQLITE_PLUGIN}'], ['${PLUGIN}', 'sqlite-database-integration-main/load.php'], file_get_contents('${PLUGIN}/db.copy'));
file_put_contents('/wordpress/wp-content/db.php', $db);
`

async function render({ version, theme }) {
  const php = new PHP(await loadNodeRuntime('8.2'))
  php.mkdir('/wordpress')
  php.writeFile('/wordpress.zip', readFileSync(join(BUILDS, `wordpress/wp-${version}.zip`)))
  php.writeFile(
    '/sqlite.zip',
    readFileSync(join(BUILDS, 'sqlite-database-integration/sqlite-database-integration.zip')),
  )
  await php.run({ code: INSTALL })
  php.mkdir('/wordpress/wp-content/mu-plugins')
  php.writeFile('/wordpress/wp-content/mu-plugins/seo.php', readFileSync(join(HERE, 'seo.php')))
  copy(php, UNDERSCORES, '/wordpress/wp-content/themes/underscores')
  const posted = await php.run({
    code: `<?php putenv('THEME=${theme}'); ?>${readFileSync(join(HERE, 'posts.php'), 'utf8')}`,
  })
  const handler = new PHPRequestHandler({
    phpFactory: async () => php,
    documentRoot: '/wordpress',
    absoluteUrl: 'https://a.test',
  })
  const pages = []
  for (const line of posted.text.trim().split('\n')) {
    const [name, id] = line.split(' ')
    const { httpStatusCode, text } = await handler.request({ url: `/?p=${id}` })
    if (httpStatusCode !== 200) throw new Error(`${theme} answers ${httpStatusCode} for ${name}: ${posted.text}`)
    pages.push({
      name: `${theme} on WordPress ${version}: ${name}`,
      theme,
      kind: name,
      article: '.entry-content',
      html: text,
    })
  }
  return pages
}

function copy(php, from, to) {
  php.mkdirTree(to)
  for (const name of readdirSync(from, { recursive: true })) {
    const path = join(from, name)
    if (statSync(path).isDirectory()) php.mkdirTree(join(to, name))
    else php.writeFile(join(to, relative(from, path)), readFileSync(path))
  }
}

const rendered = []
for (const site of SITES) rendered.push(...(await render(site)))
process.stdout.write(JSON.stringify(rendered), () => process.exit(0))
