// Small OSCAL documents of our own that hold everything the importer reads.

const metadata = (title: string) => ({
  title,
  'last-modified': '2026-01-27T10:00:00.000-00:00',
  version: '1.0',
  'oscal-version': '1.1.2',
});

export function buildCatalog(title = 'House rules') {
  return {
    uuid: '6c3a4f5e-8d0b-4b6e-9d57-0f2f3c1f0a11',
    metadata: metadata(title),
    groups: [
      {
        id: 'hr',
        title: 'Rooms',
        controls: [
          {
            id: 'hr-1',
            title: 'Doors',
            params: [
              { id: 'hr-1_p1', label: 'hours' },
              {
                id: 'hr-1_p2',
                select: { 'how-many': 'one-or-more', choice: ['by key', 'by {{ insert: param, hr-1_p1 }}'] },
              },
            ],
            props: [
              { name: 'label', value: 'HR-01', class: 'zero-padded' },
              { name: 'label', value: 'HR-1' },
            ],
            parts: [
              {
                id: 'hr-1_smt',
                name: 'statement',
                prose: 'Doors:',
                parts: [
                  {
                    name: 'item',
                    props: [{ name: 'label', value: 'a.' }],
                    prose: 'close within {{ insert: param, hr-1_p1 }};',
                  },
                  {
                    name: 'item',
                    props: [{ name: 'label', value: 'b.' }],
                    prose: 'open {{ insert: param, hr-1_p2 }}.',
                  },
                ],
              },
              { id: 'hr-1_gdn', name: 'guidance', prose: 'A door is anything that one walks through.' },
            ],
            controls: [
              { id: 'hr-1.1', title: 'Alarms', props: [{ name: 'label', value: 'HR-1(1)' }] },
              { id: 'hr-1.2', title: 'Bells', props: [{ name: 'status', value: 'withdrawn' }] },
            ],
          },
          { id: 'hr-2', title: 'Windows' },
        ],
      },
      { id: 'empty', title: 'Nothing yet' },
    ],
  };
}

export function buildProfile(imports: object[], more: object = {}) {
  return {
    uuid: '0d9f3a52-41a5-4c1e-8f4e-7f0c2b9a6d10',
    metadata: metadata('Night watch'),
    imports: imports.map((one) => ({ href: '#catalogue', ...one })),
    ...more,
  };
}
