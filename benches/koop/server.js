// Koop's FeatureServer over one GeoJSON file that is kept in memory: `node server.js FILE`.
// Prints the port once it listens.
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const modules = path.join(process.env.KOOP_MODULES, 'node_modules')
const Koop = require(path.join(modules, '@koopjs/koop-core'))

// A million features are longer than a string of V8's may be, so lines are parsed one by one.
async function load (file) {
  const features = []
  const lines = readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Infinity })
  for await (const line of lines) {
    if (line.startsWith('{"type":"Feature",')) features.push(JSON.parse(line.replace(/,$/, '')))
  }
  return features
}

load(process.argv[2]).then(features => {
  class Model {
    async getData () {
      return {
        type: 'FeatureCollection',
        features,
        metadata: { name: 'points', idField: 'OBJECTID', geometryType: 'Point', maxRecordCount: 2000 }
      }
    }
  }
  const koop = new Koop({ logLevel: 'error' })
  koop.register({ name: 'points', type: 'provider', disableIdParam: true, hosts: false, Model })
  const server = koop.server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
})
