#include "ring/reader.hpp"

namespace vmbus::ring {

template class BasicReader<MappedRing>;

}  // namespace vmbus::ring
