/** By which people tell agents apart. */
const NICKNAMES: readonly string[] =
  `Alder Aspen Badger Birch Bison Cedar Clover Condor Coral Crane Curlew Daisy Dolphin Egret Elder Falcon Fern Finch
  Fir Gannet Gecko Hazel Heron Hickory Ibis Iris Jackdaw Juniper Kestrel Larch Lark Linden Lotus Lynx Magpie Maple
  Marten Mistral Moss Nettle Newt Oak Oriole Osprey Otter Petrel Pine Plover Poppy Puffin Quail Raven Reed Robin Rowan
  Sage Sedge Sorrel Sparrow Stork Swift Tamarisk Tern Thistle Thrush Toucan Vireo Walnut Willow Wren Yarrow Yew`.split(
    /\s+/,
  );

/** A name that is not taken, while there is one. */
export function chooseNickname(taken: ReadonlySet<string>, random: () => number): string {
  const free = NICKNAMES.filter((name) => !taken.has(name));
  const names = free.length > 0 ? free : NICKNAMES;
  return names[Math.floor(random() * names.length)] ?? "Wren";
}
