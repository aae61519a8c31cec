# SPDX-License-Identifier: Apache-2.0
# networkx: paths, trees, flows, centrality, communities, matching, text formats.
import networkx as nx, io, itertools
g = nx.Graph()
g.add_weighted_edges_from([('a', 'b', 4), ('a', 'c', 1), ('c', 'b', 2), ('b', 'd', 5), ('c', 'd', 8), ('d', 'e', 3)])
print(nx.shortest_path(g, 'a', 'e', weight='weight'), nx.dijkstra_path_length(g, 'a', 'e'), nx.shortest_path_length(g, 'a', 'e'))
print(sorted(nx.minimum_spanning_tree(g).edges(data='weight')), nx.diameter(g), nx.radius(g), nx.center(g), list(nx.articulation_points(g)), list(nx.bridges(g)))
print({k: round(v, 9) for k, v in nx.betweenness_centrality(g).items()}, {k: round(v, 9) for k, v in nx.closeness_centrality(g).items()}, nx.degree_centrality(g), nx.clustering(g))
d = nx.DiGraph([(1, 2), (1, 3), (2, 4), (3, 4), (4, 5)])
print(list(nx.topological_sort(d)), nx.is_directed_acyclic_graph(d), list(nx.all_simple_paths(d, 1, 5)), nx.dag_longest_path(d), nx.ancestors(d, 4), list(nx.lexicographical_topological_sort(d)), list(nx.strongly_connected_components(nx.DiGraph([(1, 2), (2, 1), (3, 1)]))))
f = nx.DiGraph()
for u, v, c in (('s', 'a', 3), ('s', 'b', 2), ('a', 'b', 1), ('a', 't', 2), ('b', 't', 3)): f.add_edge(u, v, capacity=c)
print(nx.maximum_flow(f, 's', 't'), nx.minimum_cut(f, 's', 't')[0])
k = nx.barbell_graph(5, 2)
print(k.number_of_nodes(), k.number_of_edges(), [sorted(c) for c in nx.community.greedy_modularity_communities(k)], nx.is_connected(k), sorted(nx.max_weight_matching(g)), nx.greedy_color(k), len(list(nx.find_cliques(k))))
e = nx.gnp_random_graph(60, 0.1, seed=42); print(e.number_of_edges(), nx.number_connected_components(e), nx.average_clustering(e), nx.transitivity(e), nx.core_number(e)[5], sorted(dict(e.degree()).values())[-5:])
b = io.BytesIO(); nx.write_graphml(g, b); print(b.getvalue().decode()); b.seek(0); print(sorted(nx.read_graphml(b).edges(data=True)))
print('\n'.join(nx.generate_gml(g)), '\n'.join(nx.generate_adjlist(d)), '\n'.join(nx.generate_edgelist(g)), nx.node_link_data(d), nx.to_dict_of_lists(d), nx.find_cycle(g), nx.eulerian_circuit and nx.is_eulerian(g))
print(nx.forest_str(nx.bfs_tree(d, 1)), list(nx.dfs_edges(d, 1)), list(nx.bfs_layers(d, 1)), nx.floyd_warshall(g)['a']['e'], nx.astar_path(g, 'a', 'e', lambda a, b: 0, 'weight'), nx.is_isomorphic(nx.path_graph(4), nx.Graph([(9, 8), (8, 7), (7, 6)])), nx.check_planarity(nx.complete_graph(5))[0])
for action in (lambda: nx.shortest_path(d, 5, 1), lambda: g.remove_node('zz'), lambda: list(nx.topological_sort(nx.DiGraph([(1, 2), (2, 1)]))), lambda: nx.find_cycle(d)):
    try: print(action())
    except nx.NetworkXException as e: print(type(e).__name__, e)
