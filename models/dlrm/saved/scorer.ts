import { forward } from "../../../backends/fast/forward.ts";
import { usualFamilies } from "../../embeddings/usual-families.ts";
import type { Place } from "./bytes.ts";
import { filled, type LoadOptions, type Scorer } from "./filled.ts";
import { opened } from "./reader.ts";
import { aboutIn } from "./vocabularies.ts";

/**
 * The model that was saved at `place`, to score rows and nothing else: no optimizer comes with it. The file may come from
 * anywhere: whatever is wrong with it is an InputError that names it, and no more memory is taken than it has numbers to fill.
 */
export const scorer = (place: Place, options: LoadOptions = {}): Promise<Scorer> =>
  opened(place, async (file) => {
    const known = { ...options, families: [...(options.families ?? []), ...usualFamilies] };
    const { about, score, close } = await filled(file, await aboutIn(file), known, undefined, forward);
    return { about, score, close };
  });
