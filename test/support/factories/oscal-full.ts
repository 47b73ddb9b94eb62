// OSCAL documents that say everything which OSCAL lets them say, for comparing two readers of it.

const UUID = '6c3a4f5e-8d0b-4b6e-9d57-0f2f3c1f0a11';
const AT = '2026-01-27T10:00:00.000+05:30';

const props = [
  {
    name: 'label',
    uuid: UUID,
    ns: 'https://grc.example/ns',
    value: 'A 1',
    class: 'x',
    group: 'g',
    remarks: 'r',
  },
];
const links = [
  {
    href: '../a/b.json?c=d#e',
    rel: 'reference',
    'media-type': 'text/html',
    'resource-fragment': 'f',
    text: 'to it',
  },
  { href: `#${UUID}` },
];
const annotated = { props, links };
const address = {
  type: 'work',
  'addr-lines': ['1 Way'],
  city: 'Graz',
  state: 'St',
  'postal-code': '8010',
  country: 'AT',
};
const reachable = {
  'email-addresses': ['a.b@c-d.example'],
  'telephone-numbers': [{ type: 'office', number: '+43 1' }],
};
const responsible = [{ ...annotated, 'role-id': 'owner', 'party-uuids': [UUID], remarks: 'r' }];

const metadata = {
  ...annotated,
  title: 'Everything',
  published: AT,
  'last-modified': '2024-02-29T23:59:59Z',
  version: '1.0',
  'oscal-version': '1.1.2',
  revisions: [
    {
      ...annotated,
      title: 't',
      published: AT,
      'last-modified': AT,
      version: '0.9',
      'oscal-version': '1.0.0',
      remarks: 'r',
    },
  ],
  'document-ids': [{ scheme: 'http://www.doi.org/', identifier: '10.1/2' }, { identifier: 'x' }],
  roles: [{ ...annotated, id: 'owner', title: 'Owner', 'short-name': 'o', description: 'd', remarks: 'r' }],
  locations: [
    {
      ...annotated,
      ...reachable,
      uuid: UUID,
      title: 't',
      address,
      urls: ['https://a.example/b'],
      remarks: 'r',
    },
  ],
  parties: [
    {
      ...annotated,
      ...reachable,
      uuid: UUID,
      type: 'person',
      name: 'N',
      'short-name': 'n',
      'external-ids': [{ scheme: 'http://orcid.org/', id: '1' }],
      addresses: [address],
      'member-of-organizations': [UUID],
      remarks: 'r',
    },
    { uuid: UUID, type: 'organization', 'location-uuids': [UUID] },
  ],
  'responsible-parties': responsible,
  actions: [
    {
      ...annotated,
      uuid: UUID,
      date: AT,
      type: 'approval',
      system: 'urn:x:y',
      'responsible-parties': responsible,
      remarks: 'r',
    },
  ],
  remarks: 'r',
};

const words = {
  ...annotated,
  class: 'c',
  'depends-on': 'p_0',
  label: 'hours',
  usage: 'u',
  constraints: [{ description: 'd', tests: [{ expression: 'x > 1', remarks: 'r' }] }],
  guidelines: [{ prose: 'p' }],
};
const params = [
  { ...words, id: 'p_1', values: ['8'], remarks: 'r' },
  { ...words, id: 'p_2', select: { 'how-many': 'one-or-more', choice: ['by {{ insert: param, p_1 }}'] } },
];
const parts = [
  {
    ...annotated,
    id: 'a-1_smt',
    name: 'statement',
    ns: 'https://grc.example/ns',
    class: 'c',
    title: 't',
    prose: 'Within {{ insert: param, p_1 }}.',
    parts: [{ id: 'a-1_smt.a', name: 'item', prose: 'a' }],
  },
];
const described = { ...annotated, title: 'T', class: 'c', params, parts };

const backMatter = {
  resources: [
    {
      uuid: UUID,
      title: 't',
      description: 'd',
      props,
      'document-ids': [{ identifier: 'x' }],
      citation: { ...annotated, text: 'c' },
      rlinks: [{ href: 'x.json', 'media-type': 'm', hashes: [{ algorithm: 'SHA-256', value: 'ab' }] }],
      base64: { filename: 'f', 'media-type': 'm', value: 'YWJj' },
      remarks: 'r',
    },
  ],
};

export function buildFullCatalog() {
  return {
    uuid: UUID,
    metadata,
    params: [{ id: 'p_0', label: 'of all' }],
    controls: [{ ...described, id: 'a-1', controls: [{ id: 'a-1.1', title: 'Within' }] }],
    groups: [
      { ...described, id: 'g', groups: [{ id: 'h', title: 'H', controls: [{ id: 'h-1', title: 'C' }] }] },
      { title: 'No id', controls: [{ id: 'i-1', title: 'C', parts }] },
    ],
    'back-matter': backMatter,
  };
}

export function buildFullProfile() {
  const selections = [
    { 'with-child-controls': 'yes', 'with-ids': ['a-1'], matching: [{ pattern: 'a-*', remarks: 'r' }] },
  ];
  return {
    uuid: UUID,
    metadata,
    imports: [
      { href: '#x', 'include-all': {}, 'exclude-controls': selections },
      { href: 'y.json', 'include-controls': selections },
    ],
    merge: {
      combine: {},
      custom: {
        groups: [
          {
            ...described,
            id: 'g',
            groups: [{ title: 'T', 'insert-controls': [{ order: 'keep', 'include-all': {} }] }],
          },
        ],
        'insert-controls': [
          { order: 'ascending', 'include-controls': selections, 'exclude-controls': selections },
        ],
      },
    },
    modify: {
      'set-parameters': [
        { ...words, 'param-id': 'p_1', values: ['9'] },
        { ...words, 'param-id': 'p_2', select: { 'how-many': 'one', choice: ['x'] } },
      ],
      alters: [
        {
          'control-id': 'a-1',
          removes: [
            {
              'by-name': 'n',
              'by-class': 'c',
              'by-id': 'i',
              'by-item-name': 'part',
              'by-ns': 'urn:x:y',
              remarks: 'r',
            },
          ],
          adds: [{ ...annotated, position: 'after', 'by-id': 'a-1_smt', title: 'T', params, parts }],
        },
      ],
    },
    'back-matter': backMatter,
  };
}
