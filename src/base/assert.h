#pragma once

// ENTENTE_ASSERT: our own invariants, checked in release too. A failed one is a bug: it prints and
// aborts.

namespace entente {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace entente

#define ENTENTE_ASSERT(condition)       \
    ((condition) ? static_cast<void>(0) \
                 : ::entente::assertion_failed(#condition, __FILE__, __LINE__))
