# SPDX-License-Identifier: Apache-2.0
# The object model: cells, shapes, types, attributes, slots, builtin functions, descriptors, modules.
libinterp_a_SOURCES += \
	interp/types/names.h interp/types/names.c interp/types/cells.c interp/types/shape.c interp/types/instance.h interp/types/instance.c \
	interp/types/type.h interp/types/type_list.h interp/types/type_cache.c interp/types/type_ready.c interp/types/type_mro.c \
	interp/types/type_make.h interp/types/type_make.c interp/types/type_slots.c interp/types/type_attr.c interp/types/type_call.c \
	interp/types/slots.h interp/types/slots.c interp/types/slots_binary.c interp/types/slots_rows.c interp/types/slots_table.c interp/types/slots_wrap.c \
	interp/types/attr.h interp/types/attr.c interp/types/abstract.c interp/types/abstract_number.c interp/types/abstract_item.c interp/types/abstract_call.c \
	interp/types/native.h interp/types/native.c interp/types/native_sig.c interp/types/native_type.c \
	interp/types/descr.h interp/types/property.c interp/types/classmethod.c interp/types/getset.c interp/types/super.c interp/types/mappingproxy.c \
	interp/types/func.h interp/types/func.c interp/types/method.c interp/types/module.c \
	interp/types/object_type.h interp/types/object_type.c interp/types/object_reduce.c interp/types/singletons.c \
	interp/types/namespace.h interp/types/namespace.c interp/types/structseq.h interp/types/structseq.c interp/types/finalize.h interp/types/finalize.c \
	interp/types/generic.h interp/types/generic_alias.c interp/types/generic_subst.c interp/types/union.c \
	interp/types/weakref.h interp/types/weakref.c interp/types/weakref_proxy.c interp/modules/weakref.c
