import { describe, expect, it } from 'vitest'
import { compileParameter, findParameters, namesAny, readParameters } from '../../../src/http/rules/query.ts'

function find(wanted: Record<string, true | string>, query: string): string {
  const named = Object.entries(wanted).map(([name, value]) =>
    compileParameter({ name, value: value === true ? undefined : value }),
  )
  return findParameters(named, readParameters(query))
}

describe('a parameter that a route names', () => {
  it.each([
    'rest_route=/wp/v2/posts',
    'rest_route',
    'rest_route=',
    'a=1&rest_route=/x&b=2',
    'rest%5froute=/x',
    'rest%5Froute=%2Fx',
    '&&rest_route=1',
  ])('is there for sure: %s', (query) => {
    expect(find({ rest_route: true }, query)).toBe('sure')
  })

  it.each([
    'rest%255froute=/x',
    'rest%25255froute=/x',
    'Rest_Route=/x',
    'REST_ROUTE=/x',
    'rest.route=/x',
    'rest%2Eroute=/x',
    'rest+route=/x',
    'rest%20route=/x',
    'rest[route=/x',
    'rest%5Broute=/x',
    'rest_route[]=/x',
    'rest_route[x]=/x',
    'rest_route%5B%5D=/x',
    'rest_route%5B0%5D%5B1%5D=/x',
    'rest.route[]=/x',
    '+rest_route=/x',
    '%20rest_route=/x',
    'rest_route+=/x',
    'rest_route%00=/x',
    'rest_route%00x=/x',
    'rest_route%2500=/x',
    '?rest_route=/x',
    'a=1;rest_route=/x',
    ';rest_route=/x',
    'amp;rest_route=/x',
    'a=1&amp;rest_route=/x',
    'rest_route=/x&rest_route=/y',
    'rest_route=/x&Rest_Route=/y',
    'rest_route=/x&rest_route[]=/y',
    'ｒest_route=/x',
    '%EF%BD%92est_route=/x',
    'rest_route=%ff',
    'reſt_route=/x',
  ])('may be there: %s', (query) => {
    expect(find({ rest_route: true }, query)).toBe('maybe')
  })

  it.each([
    '',
    'a=rest_route',
    'rest_routes=/x',
    'xrest_route=1',
    'rest=1',
    'x[rest_route]=1',
    'rest-route=1',
    'restroute',
  ])('is not there: %s', (query) => {
    expect(find({ rest_route: true }, query)).toBe('none')
  })

  it.each([
    ['format=pdf', 'sure'],
    ['format=%70df', 'sure'],
    ['a=1&format=pdf', 'sure'],
    ['format=PDF', 'maybe'],
    ['format=+pdf', 'maybe'],
    ['format=%2570df', 'maybe'],
    ['format=pdf%00', 'maybe'],
    ['format[]=pdf', 'maybe'],
    ['format=html&format=pdf', 'maybe'],
    ['format=pdf&format=html', 'maybe'],
    ['Format=html&format=pdf', 'maybe'],
    ['format=html', 'none'],
    ['format', 'none'],
  ])('has its value: %s is %s', (query, expected) => {
    expect(find({ format: 'pdf' }, query)).toBe(expected)
  })

  it.each([
    ['p=123', 'sure'],
    ['p=0123', 'maybe'],
    ['p=123abc', 'maybe'],
    ['p=+123', 'maybe'],
    ['p=1234', 'none'],
    ['p=12', 'none'],
  ])('has its number: %s is %s', (query, expected) => {
    expect(find({ p: '123' }, query)).toBe(expected)
  })

  it('is wanted with all the others', () => {
    expect(find({ a: true, b: '1' }, 'a=1&b=1')).toBe('sure')
    expect(find({ a: true, b: '1' }, 'A=1&b=1')).toBe('maybe')
    expect(find({ a: true, b: '1' }, 'a=1&b=2')).toBe('none')
    expect(find({ a: true, b: '1' }, 'b=1')).toBe('none')
  })

  it('may have brackets of its own', () => {
    expect(find({ 'filter[name]': true }, 'filter%5Bname%5D=x')).toBe('sure')
    expect(find({ 'filter[name]': true }, 'filter[other]=x')).toBe('maybe')
  })

  it('is kept in whatever spelling a part of the query has it', () => {
    const wanted = [compileParameter({ name: 'rest_route', value: '/x' })]
    expect(namesAny('rest.route=/y', wanted)).toBe(true)
    expect(namesAny('utm_x=1;rest_route[]=', wanted)).toBe(true)
    expect(namesAny('utm_x=1', wanted)).toBe(false)
  })
})
