#include "ring/writer.hpp"

namespace vmbus::ring {

template class BasicWriter<MappedRing>;

}  // namespace vmbus::ring
