// Entities that tenants keep in the store, as whoever administers them sees them.
import { awaited, decode, encode } from "./codec.js";
import type { NativeEntities } from "./native.js";
import type {
  ChangeEntities,
  DeleteEntity,
  EntityList,
  GetEntity,
  KeptEntity,
  ListEntities,
  PutEntity,
  WrittenEntities,
} from "./types.js";

/** What an engine's tenants keep in the store. Of a principal's no operation takes a credential. */
export interface Entities {
  /** Keeps an entity, in the place of the one of its type and id; with `expect`, only where that one is at that version. */
  put(entity: PutEntity): Promise<WrittenEntities>;
  /** Takes an entity out. */
  delete(entity: DeleteEntity): Promise<WrittenEntities>;
  /** Makes up to 1000 changes, all of them or none. No decision sees half of them. */
  change(changes: ChangeEntities): Promise<WrittenEntities>;
  /** An entity as it stands now. */
  get(entity: GetEntity): Promise<KeptEntity>;
  /** A page of the entities, those that were written last at the end. */
  list(page?: ListEntities): Promise<EntityList>;
  /** All entities, page by page. One that is written meanwhile comes again. */
  all(page?: Omit<ListEntities, "after">): AsyncGenerator<KeptEntity, void, undefined>;
}

/**
 * The entities that a receiver gives once they are first needed.
 * @internal
 */
export function entities(given: () => NativeEntities): Entities {
  let native: NativeEntities | undefined;
  const on = (): NativeEntities => {
    native ??= given();
    return native;
  };
  const list = async (page: ListEntities = {}): Promise<EntityList> =>
    decode(await awaited(async () => on().list(encode(page))));
  return Object.freeze({
    put: async (entity: PutEntity) => decode(await awaited(async () => on().put(encode(entity)))),
    delete: async (entity: DeleteEntity) => decode(await awaited(async () => on().delete(encode(entity)))),
    change: async (changes: ChangeEntities) => decode(await awaited(async () => on().change(encode(changes)))),
    get: async (entity: GetEntity) => decode(await awaited(async () => on().get(encode(entity)))),
    list,
    async *all(page: Omit<ListEntities, "after"> = {}) {
      let next: string | null | undefined;
      do {
        const some: EntityList = await list(next ? { ...page, after: next } : page);
        yield* some.entities;
        next = some.next;
      } while (next);
    },
  });
}
