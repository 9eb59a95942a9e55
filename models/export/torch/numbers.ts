/** Exact hashes, and rows and bags, in Python: what formulas and plans are printed with. */
export const numbersSource = `

# Whole numbers, exactly: all of them are from 0 to 2^63 - 1.

def whole(values, shape, device):
    return _whole(tuple(values), shape, str(device))


@functools.lru_cache(maxsize=None)
def _whole(values, shape, device):
    return torch.tensor(values, dtype=torch.int64, device=device).view(shape)


def places(blocks, words, bits, device):
    """The numbers of a row's blocks, and of a block's words and their bits, along axes of their own."""
    return (
        whole(range(blocks), (1, 1, 1, -1, 1, 1), device),
        whole(range(words), (1, 1, 1, 1, -1, 1), device),
        whole(range(bits), (1, 1, 1, 1, 1, -1), device),
    )


def polynomial61(x, *coefficients):
    """
    c0 + c1 x + c2 x^2 + ... mod 2^61 - 1 by Horner's rule, for x below 2^53. A product of s and x, each in halves of 31 bits,
    is summed with 2^61 = 1 so that it stays below 2^63.
    """
    high, low = x >> 31, x & 0x7FFFFFFF
    total = torch.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        h, l = total >> 31, total & 0x7FFFFFFF
        middle = h * low + l * high
        upper = 2 * (h * high) + (middle >> 30)
        total = (upper + ((middle & 0x3FFFFFFF) << 31) + l * low) % (2**61 - 1) + c
    return total % (2**61 - 1)


def mix(word):
    """A mixer of 32-bit words."""
    h = (word + 0x9E3779B9) & 0xFFFFFFFF
    h = product32(h ^ (h >> 16), 0x85EBCA6B)
    h = product32(h ^ (h >> 13), 0xC2B2AE35)
    return h ^ (h >> 16)


def product32(h, by):
    return ((((h * (by >> 16)) & 0xFFFFFFFF) << 16) + h * (by & 0xFFFF)) & 0xFFFFFFFF


def search(ascending, wanted):
    """Where numbers are in an ascending array; its length where they are not."""
    array = ascending.to(device=wanted.device, dtype=torch.int64)
    at = torch.searchsorted(array, wanted.contiguous())
    found = array[at.clamp(max=len(array) - 1)] == wanted
    return torch.where(found & (at < len(array)), at, torch.full_like(at, len(array)))


def own_rows(data, dim):
    """
    The numbers of the ids that have rows of their own, by the width of these: pairs with packedOwn of own-rows.ts. Between one id
    and the next there is a gap, in Rice's code of k low bits, k by the gaps before it; then the width's place among those used.
    """
    widths = [1 << i for i in range(24) if 1 << i < dim] + [dim]
    numbers = {width: [] for width in widths}
    bits = "".join(format(byte, "08b")[::-1] for byte in data.tolist())
    used = [width for width, bit in zip(widths, bits[32:56]) if bit == "1"]
    at, last, total, seen = 56, -1, 4, 1
    for _ in range(int(bits[:32] or "0", 2)):
        k = 0
        while seen << k < total:
            k += 1
        high = len(bits[at : at + 24].split("0", 1)[0])
        at += high + (high < 24)
        low = k if high < 24 else 53
        gap = (high << k if high < 24 else 0) + int(bits[at : at + low] or "0", 2)
        total, seen = total + gap, seen + 1
        if seen == 64:
            total, seen = (total + 1) // 2, 32
        last += gap + 1
        end = bits.index("0", at + low)
        numbers[used[end - at - low]].append(last)
        at = end + 1
    return {f"embedding.own.{width}": torch.tensor(own, dtype=torch.int64) for width, own in numbers.items()}


# Rows and bags.

def elements(numbers, like, blocks, words, bits, block, width, column=None):
    """[n, G, L, width] a number for each element of a row, or that of one column."""
    each = numbers.expand(*like.shape, blocks, words, bits).reshape(*like.shape, blocks, words * bits)
    row = each[..., :block].reshape(*like.shape, blocks * block)
    return row[..., :width] if column is None else row[..., column : column + 1]


def read(memory, slots, negative=None):
    """Elements of a memory, negated where negative is 1."""
    values = memory.reshape(-1).index_select(0, slots.reshape(-1)).reshape(slots.shape)
    return values if negative is None else values * (1 - 2 * negative)


def summed(rows, present):
    """[n, G, width] the sum of each bag's rows."""
    return (rows * present[..., None]).sum(2)


def mean(rows, present):
    return summed(rows, present) * present.sum(2, keepdim=True).clamp(min=1).to(rows.dtype).reciprocal()


def train(a, b, c, columns, rank):
    """Rows of a tensor train, of its slices [n, G, L, floats]."""
    d1, d2, d3 = columns
    shape = a.shape[:3]
    heads = a.reshape(*shape, d1, rank) @ b.reshape(*shape, rank, d2 * rank)
    tails = c.reshape(*shape, d3, rank).transpose(-1, -2)
    return (heads.reshape(*shape, d1 * d2, rank) @ tails).reshape(*shape, d1 * d2 * d3)
`;
