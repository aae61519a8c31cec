# SPDX-License-Identifier: Apache-2.0
# SQLAlchemy without a database: expressions compiled for several dialects, tables, ORM queries as text.
from sqlalchemy import *
from sqlalchemy.dialects import postgresql, mysql, sqlite, oracle, mssql
from sqlalchemy.orm import declarative_base, relationship, aliased, Session, Query, selectinload, joinedload, validates, column_property
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.schema import CreateTable, CreateIndex, DropTable
Base = declarative_base()
class User(Base):
    __tablename__ = 'users'
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False, index=True)
    born = Column(DateTime, server_default=func.now())
    kind = Column(Enum('a', 'b', name='kinds'))
    posts = relationship('Post', back_populates='user', order_by='Post.id')
    @hybrid_property
    def label(self): return self.name + '!'
    @validates('name')
    def check(self, key, v):
        if not v: raise ValueError('empty ' + key)
        return v
class Post(Base):
    __tablename__ = 'posts'
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey('users.id', ondelete='CASCADE'))
    score = Column(Numeric(8, 2), CheckConstraint('score > 0'), default=1)
    data = Column(JSON)
    user = relationship(User, back_populates='posts')
    __table_args__ = (UniqueConstraint('user_id', 'score', name='uq'), Index('ix', 'score', 'user_id'))
u, p = User.__table__, Post.__table__
a = aliased(User)
recursive = select(p.c.id, p.c.user_id).where(p.c.id == 1).cte('tree', recursive=True)
recursive = recursive.union_all(select(p.c.id, p.c.user_id).join(recursive, p.c.user_id == recursive.c.id))
statements = [
    select(u).where(and_(u.c.name.like('%x%'), or_(u.c.id > 5, u.c.id.in_([1, 2, 3])), ~u.c.kind.is_(None))).order_by(desc(u.c.name), u.c.id.asc().nullslast()).limit(10).offset(5),
    select(User.name, func.count(Post.id).label('n')).join(Post).group_by(User.name).having(func.count(Post.id) > 2),
    select(User, a).join(a, User.id == a.id, isouter=True).distinct(), select(User.label).where(User.label == 'x!'),
    u.insert().values(name='x', kind=bindparam('k')), u.update().where(u.c.id == 1).values(name=u.c.name + 'y'), u.delete().where(u.c.id.between(1, 2)),
    select(case((u.c.id == 1, 'one'), else_='many'), cast(u.c.name, Integer), extract('year', u.c.born), func.row_number().over(partition_by=u.c.kind, order_by=u.c.id), literal('q') + u.c.name),
    union(select(u.c.id), select(p.c.id)).order_by('id'), select(recursive), select(u).where(exists().where(p.c.user_id == u.c.id)), select(func.coalesce(select(func.max(p.c.score)).where(p.c.user_id == u.c.id).scalar_subquery(), 0)),
    text('SELECT :a FROM x').bindparams(a=3), select(u.c.id).with_for_update(), select(p.c.data['a']['b'].as_string()), select(tuple_(u.c.id, u.c.name).in_([(1, 'a')])), select(u.c.name.collate('C'), u.c.name.op('~')('x'), not_(u.c.id == None), u.c.id * 2 % 3),
]
for s in statements:
    for dialect in (postgresql, mysql, sqlite, oracle, mssql):
        try: c = s.compile(dialect=dialect.dialect()); print(dialect.__name__, str(c).replace('\n', ' '), sorted(c.params.items(), key=str))
        except Exception as e: print(type(e).__name__, str(e).split(' object at')[0])
for t in (u, p):
    for dialect in (postgresql, mysql, sqlite): print(CreateTable(t).compile(dialect=dialect.dialect()), [str(CreateIndex(i)) for i in sorted(t.indexes, key=lambda i: i.name)], DropTable(t))
print(select(u).where(u.c.id == 5).compile(compile_kwargs={'literal_binds': True}), [c.name for c in inspect(User).columns], inspect(User).relationships.keys(), [t.name for t in Base.metadata.sorted_tables])
user = User(name='z', posts=[Post(score=2)]); print(user.posts[0].user is user, user.label, inspect(user).transient)
for action in (lambda: User(name=''), lambda: User(nope=1), lambda: select(u.c.none), lambda: bool(u.c.id == 1), lambda: Column('x', Integer, ForeignKey('a.b')).references(u.c.id), lambda: Table('users', Base.metadata, Column('q', Integer))):
    try: print(action())
    except Exception as e: print(type(e).__name__, e)
