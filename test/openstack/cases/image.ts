import { nobody, type Case } from '../case.ts';

export const imageCases: readonly Case[] = [
  { name: 'image: images', run: async (t) => {
    const { imageId, imageName } = t.target;
    await t.call('list by name', `image GET /v2/images?name=${encodeURIComponent(imageName)}`);
    await t.call('none of this name', `image GET /v2/images?name=${t.name('image')}`);
    await t.call('none of this tag', `image GET /v2/images?tag=${t.name('tag')}`);
    await t.call('show', `image GET /v2/images/${imageId}`);
    await t.call('unknown', `image GET /v2/images/${nobody}`);
    await t.call('unknown path', 'image GET /v2/nonsense');
  } },
];
